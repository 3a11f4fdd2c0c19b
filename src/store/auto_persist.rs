//! Persisting from time to time, on a thread of its own.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::inner::Inner;
use super::signal::Signal;

/// Persists every `interval` while anything is dirty, until the store closes.
pub(super) fn start(inner: &Arc<Inner>, interval: Duration) {
    let weak = Arc::downgrade(inner);
    let signal = inner.auto_persist.clone();
    inner.auto_persist.start("tiny-counter-auto", move || run(&signal, &weak, interval));
}

fn run(signal: &Signal, inner: &Weak<Inner>, interval: Duration) {
    while signal.pause(interval) {
        let Some(inner) = inner.upgrade() else { return };
        if inner.has_unsaved()
            && let Err(error) = inner.persist()
        {
            log::warn!("not everything could be persisted; the next turn tries again: {error}");
        }
    }
}
