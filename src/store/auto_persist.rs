//! The thread that persists at intervals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::shared::Shared;
use super::worker::Worker;
use crate::engine::Due;
use crate::report::report;

/// Starts the thread again if the last attempt failed.
#[cold]
pub(super) fn start_again(shared: &Arc<Shared>) {
    if let Some(interval) = shared.auto_persist_retry.take() {
        start(shared, interval);
    }
}

/// Starts the thread that persists every `interval` if anything is dirty, until the store closes.
/// If it cannot be started, a later recording tries again.
pub(super) fn start(shared: &Arc<Shared>, interval: Duration) {
    let (weak, worker) = (Arc::downgrade(shared), shared.auto_persist.clone());
    let started = shared.auto_persist.start("tiny-counter-auto", move || run(&worker, &weak, interval));
    shared.auto_persist_retry.set(interval, !started);
}

fn run(worker: &Worker, shared: &Weak<Shared>, interval: Duration) {
    while worker.pause(interval) {
        let Some(shared) = shared.upgrade() else { return };
        // A panic comes from the app's storage, formatter or logger. Later writes must still
        // happen.
        let done = catch_unwind(AssertUnwindSafe(|| match shared.is_unsaved()? {
            true => shared.persist(Due::Dirty),
            false => Ok(()),
        }));
        // The logger may panic too.
        let _ = catch_unwind(AssertUnwindSafe(|| match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                report!(warn, "not everything could be persisted; the next interval tries again: {error}");
            }
            Err(_) => report!(error, "not everything could be persisted because of a panic"),
        }));
    }
}
