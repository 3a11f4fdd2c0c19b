//! The thread that persists at intervals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::shared::Shared;
use super::worker::Worker;
use crate::engine::Due;

/// Persists every `interval` if anything is dirty, until the store closes.
pub(super) fn start(shared: &Arc<Shared>, interval: Duration) {
    let (weak, worker) = (Arc::downgrade(shared), shared.auto_persist.clone());
    shared.auto_persist.start("tiny-counter-auto", move || run(&worker, &weak, interval));
}

fn run(worker: &Worker, shared: &Weak<Shared>, interval: Duration) {
    while worker.pause(interval) {
        let Some(shared) = shared.upgrade() else { return };
        if !shared.with_memory(|engine| engine.is_dirty()) {
            continue;
        }
        // A panic comes from the app's storage, formatter or logger. Later writes must still happen.
        match catch_unwind(AssertUnwindSafe(|| shared.flush(Due::Dirty, true))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                log::warn!("not everything could be persisted; the next interval tries again: {error}");
            }
            Err(_) => log::error!("not everything could be persisted because of a panic"),
        }
    }
}
