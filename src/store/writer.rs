//! The thread that writes recordings to the log, so that nobody waits for the disk.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::flush::Due;
use super::inner::Inner;
use super::signal::Signal;

/// The longest that recordings are gathered under load.
const GATHER: Duration = Duration::from_millis(50);
/// How long to leave a storage alone that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Wakes the writer, and starts it at the first call.
pub(super) fn wake(inner: &Arc<Inner>) {
    if !inner.writer.is_started() {
        let (weak, signal) = (Arc::downgrade(inner), inner.writer.clone());
        inner.writer.start("tiny-counter-log", move || run(&signal, &weak));
    }
    inner.writer.wake();
}

fn run(signal: &Signal, inner: &Weak<Inner>) {
    while signal.wait() {
        let Some(inner) = inner.upgrade() else { return };
        let done = inner.flush(Due::Unwritten, false);
        drop(inner);
        let wait = match done {
            Ok(()) => GATHER,
            Err(error) => {
                log::warn!("recordings could not be written yet: {error}");
                signal.wake();
                PAUSE
            }
        };
        signal.pause(wait);
    }
}
