//! What is needed to start the thread of `auto_persist` again: by a recording, after it could not
//! be started, and by a store that is opened again.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Default)]
pub(super) struct Retry {
    is_due: AtomicBool,
    interval: OnceLock<Duration>,
}

impl Retry {
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.is_due.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, interval: Duration, is_due: bool) {
        self.interval.get_or_init(|| interval);
        self.is_due.store(is_due, Ordering::Relaxed);
    }

    /// The interval; absent if there is no such thread.
    #[cfg(feature = "storage-fs")]
    pub(super) fn interval(&self) -> Option<Duration> {
        self.interval.get().copied()
    }

    /// The interval, if an attempt is due. It is no longer due then, so that a logger that records
    /// the failure of the attempt does not try again.
    pub(super) fn take(&self) -> Option<Duration> {
        let is_due = self.is_due.swap(false, Ordering::Relaxed);
        self.interval.get().copied().filter(|_| is_due)
    }
}
