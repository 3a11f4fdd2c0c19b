//! Warnings of the process, for a thread of the app.

use std::sync::Arc;

use crate::report::report;

/// The warnings of all stores of the process: recordings that were not counted, writes that failed,
/// stored counts that are damaged. They go to the log of the system in any case.
#[derive(Debug, uniffi::Object)]
pub struct Warnings {
    core: crate::report::WarningQueue,
}

#[uniffi::export]
impl Warnings {
    /// Takes the warnings from now on. The object that took them before gets no more.
    #[uniffi::constructor]
    pub fn take() -> Arc<Self> {
        Arc::new(Self { core: crate::report::WarningQueue::take() })
    }

    /// Waits for the next warning and returns it, in English. It names no event. Absent once
    /// another object takes the warnings.
    ///
    /// Only a thread that does nothing but this should call it: from the first call on, warnings
    /// that the thread itself causes are left out. Up to 64 warnings wait; of further ones only the
    /// number is returned.
    pub fn next(&self) -> Option<String> {
        self.core.next()
    }
}

/// Reports a warning of the language's own part, for example that a background persist failed. It
/// goes where the warnings of the library go. It must not name an event.
#[uniffi::export]
pub fn report_warning(text: String) {
    report!(warn, "{text}");
}
