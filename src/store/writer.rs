//! The thread that writes recordings to the log, so that nobody waits for the disk.

use std::sync::{Arc, Weak};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::flush::Due;
use super::inner::Inner;

/// The longest that recordings are gathered under load.
const GATHER: Duration = Duration::from_millis(50);
/// How long to leave a storage alone that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells the writer that there is something to do.
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
    /// Wakes the writer, and starts it at the first call.
    pub(crate) fn wake(&self, inner: &Arc<Inner>) {
        let mut flags = self.flags.lock();
        if flags.stop {
            return;
        }
        flags.due = true;
        if flags.thread.is_none() {
            let weak = Arc::downgrade(inner);
            let signal = inner.signal.clone();
            let started = Builder::new().name("tiny-counter".into()).spawn(move || run(&signal, &weak));
            match started {
                Ok(thread) => flags.thread = Some(thread),
                // The next recording tries again, and a persist writes everything anyway.
                Err(error) => log::warn!("the writer's thread could not be started: {error}"),
            }
        }
        self.changed.notify_one();
    }

    /// Ends the writer and waits for it.
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
            log::error!("the writer's thread panicked");
        }
    }

    /// Waits until there is something to do; false at the end.
    fn wait(&self) -> bool {
        let mut flags = self.flags.lock();
        while !flags.due && !flags.stop {
            self.changed.wait(&mut flags);
        }
        flags.due = false;
        !flags.stop
    }

    /// Lets time pass; ends early with the store.
    fn pause(&self, length: Duration) {
        let mut flags = self.flags.lock();
        if !flags.stop {
            self.changed.wait_while_for(&mut flags, |flags| !flags.stop, length);
        }
    }
}

fn run(signal: &Signal, inner: &Weak<Inner>) {
    while signal.wait() {
        let Some(inner) = inner.upgrade() else { return };
        let done = inner.flush(Due::Unwritten, false);
        drop(inner);
        match done {
            Ok(()) => signal.pause(GATHER),
            Err(error) => {
                log::warn!("recordings could not be written yet: {error}");
                signal.flags.lock().due = true;
                signal.pause(PAUSE);
            }
        }
    }
}
