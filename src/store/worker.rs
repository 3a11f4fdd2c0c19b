//! A thread of a store: started once, woken when there is work, stopped at the end.

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// A thread and the flags by which its store controls it.
#[derive(Default)]
pub(crate) struct Worker {
    flags: Mutex<Flags>,
    changed: Condvar,
}

#[derive(Default)]
struct Flags {
    due: bool,
    stop: bool,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread, unless it was started before or the store is closing. Answers whether
    /// that succeeded.
    pub(super) fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> bool {
        let started = {
            let mut flags = self.flags.lock();
            if flags.stop || flags.thread.is_some() {
                return true;
            }
            Builder::new().name(name.into()).spawn(work).map(|thread| flags.thread = Some(thread))
        };
        // Logged without the lock, because the app's logger may record an event.
        if let Err(error) = &started {
            log::warn!("a thread of the store could not be started; it is tried again: {error}");
        }
        started.is_ok()
    }

    pub(super) fn is_started(&self) -> bool {
        self.flags.lock().thread.is_some()
    }

    /// Wakes the thread because there is work.
    pub(super) fn wake(&self) {
        self.flags.lock().due = true;
        self.changed.notify_one();
    }

    /// Ends the thread and waits for it.
    pub(crate) fn stop(&self) {
        let thread = {
            let mut flags = self.flags.lock();
            flags.stop = true;
            self.changed.notify_one();
            flags.thread.take()
        };
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            log::error!("a thread of the store panicked");
        }
    }

    /// Called by the thread: waits for work. Answers false when the thread has to end.
    pub(super) fn wait(&self) -> bool {
        let mut flags = self.flags.lock();
        while !flags.due && !flags.stop {
            self.changed.wait(&mut flags);
        }
        flags.due = false;
        !flags.stop
    }

    /// Called by the thread: waits for `length`, or until it has to end. Answers false in that case.
    pub(super) fn pause(&self, length: Duration) -> bool {
        let mut flags = self.flags.lock();
        self.changed.wait_while_for(&mut flags, |flags| !flags.stop, length);
        !flags.stop
    }
}
