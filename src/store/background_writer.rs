//! The thread that writes recordings to the log, so that recording never waits for the disk.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::shared::Shared;
use super::worker::Worker;
use crate::engine::Due;

/// The longest time for which recordings are collected under load.
const COLLECT: Duration = Duration::from_millis(50);
/// The pause after a write that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Wakes the writer, and starts its thread at the first call.
pub(super) fn wake(shared: &Arc<Shared>) {
    if !shared.background_writer.is_started() {
        let (weak, worker) = (Arc::downgrade(shared), shared.background_writer.clone());
        shared.background_writer.start("tiny-counter-log", move || run(&worker, &weak));
    }
    shared.background_writer.wake();
}

fn run(worker: &Worker, shared: &Weak<Shared>) {
    while worker.wait() {
        let Some(shared) = shared.upgrade() else { return };
        let done = shared.flush(Due::Unwritten, false);
        drop(shared);
        let pause = match done {
            Ok(()) => COLLECT,
            Err(error) => {
                log::warn!("recordings could not be written; it is tried again: {error}");
                worker.wake();
                RETRY
            }
        };
        worker.pause(pause);
    }
}
