//! A thread that works for a store: started once, woken, stopped.

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// What a store and its thread tell each other.
#[derive(Default)]
pub(crate) struct Signal {
    flags: Mutex<Flags>,
    changed: Condvar,
}

#[derive(Default)]
struct Flags {
    due: bool,
    stop: bool,
    thread: Option<JoinHandle<()>>,
}

impl Signal {
    /// Starts the thread, unless it runs already or the store is closing.
    pub(super) fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        let mut flags = self.flags.lock();
        if flags.stop || flags.thread.is_some() {
            return;
        }
        match Builder::new().name(name.into()).spawn(work) {
            Ok(thread) => flags.thread = Some(thread),
            // The next call tries again, and a persist saves everything anyway.
            Err(error) => log::warn!("a thread of the store could not be started: {error}"),
        }
    }

    pub(super) fn is_started(&self) -> bool {
        self.flags.lock().thread.is_some()
    }

    /// Says that there is something to do.
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

    /// For the thread: waits until there is something to do; false at the end.
    pub(super) fn wait(&self) -> bool {
        let mut flags = self.flags.lock();
        while !flags.due && !flags.stop {
            self.changed.wait(&mut flags);
        }
        flags.due = false;
        !flags.stop
    }

    /// For the thread: lets time pass; false at the end, which comes at once.
    pub(super) fn pause(&self, length: Duration) -> bool {
        let mut flags = self.flags.lock();
        self.changed.wait_while_for(&mut flags, |flags| !flags.stop, length);
        !flags.stop
    }
}
