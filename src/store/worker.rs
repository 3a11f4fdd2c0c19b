//! A thread of a store: started when it is needed, woken when there is work, stopped at the end.

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::report::report;

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
    /// How many of the next starts fail.
    #[cfg(test)]
    failing_starts: usize,
}

impl Flags {
    fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        #[cfg(test)]
        if let Some(left) = self.failing_starts.checked_sub(1) {
            self.failing_starts = left;
            return Err(std::io::Error::other("as the test wants it"));
        }
        Builder::new().name(name.into()).spawn(work).map(|thread| self.thread = Some(thread))
    }
}

impl Worker {
    /// Starts the thread, unless it runs or the store is closing. Answers whether that succeeded.
    pub(super) fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> bool {
        let started = {
            let mut flags = self.flags.lock();
            if flags.stop || flags.is_running() {
                return true;
            }
            flags.spawn(name, work)
        };
        // Logged without the lock, because the app's logger may record an event.
        if let Err(error) = &started {
            report!(warn, "a thread of the store could not be started; it is tried again: {error}");
        }
        started.is_ok()
    }

    pub(super) fn is_running(&self) -> bool {
        self.flags.lock().is_running()
    }

    /// Lets the next `starts` fail.
    #[cfg(test)]
    pub(super) fn fail_starts(&self, starts: usize) {
        self.flags.lock().failing_starts = starts;
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
            report!(error, "a thread of the store panicked");
        }
    }

    /// Allows the thread to be started again after `stop`.
    #[cfg(feature = "storage-fs")]
    pub(super) fn reset(&self) {
        let mut flags = self.flags.lock();
        (flags.due, flags.stop) = (false, false);
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

    /// Called by the thread: waits for `length`, or until it has to end. Answers false in that
    /// case.
    pub(super) fn pause(&self, length: Duration) -> bool {
        let mut flags = self.flags.lock();
        self.changed.wait_while_for(&mut flags, |flags| !flags.stop, length);
        !flags.stop
    }
}
