//! The thread that writes recordings to the log, so that recording never waits for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::shared::Shared;
use super::worker::Worker;
use crate::engine::Due;
use crate::report::report;

/// The longest time for which recordings are collected under load.
const COLLECT: Duration = Duration::from_millis(50);
/// The pause after a write that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Wakes the writer, and starts its thread if it does not run.
pub(super) fn wake(shared: &Arc<Shared>) {
    if !shared.background_writer.is_running() {
        let (weak, worker) = (Arc::downgrade(shared), shared.background_writer.clone());
        let started = shared.background_writer.start("tiny-counter-log", move || run(&worker, &weak));
        if !started {
            // The next recording tries again.
            return shared.with_memory(|engine| engine.return_wake_request());
        }
    }
    shared.background_writer.wake();
}

fn run(worker: &Worker, shared: &Weak<Shared>) {
    while worker.wait() {
        let Some(shared) = shared.upgrade() else { return };
        // A panic comes from the app's storage, formatter or logger. Later writes must still
        // happen.
        let done = catch_unwind(AssertUnwindSafe(|| shared.flush(Due::Unwritten, false)));
        drop(shared);
        if matches!(done, Ok(Ok(()))) {
            worker.pause(COLLECT);
            continue;
        }
        worker.wake();
        // The logger may panic too.
        let _ = catch_unwind(AssertUnwindSafe(|| match done {
            Ok(Err(error)) => report!(warn, "recordings could not be written; it is tried again: {error}"),
            _ => report!(error, "recordings could not be written because of a panic; it is tried again"),
        }));
        worker.pause(RETRY);
    }
}
