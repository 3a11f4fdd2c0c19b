//! Messages to the app's logger. The logger may record an event, and that recording can cause
//! another message. A message from within a message is left out, to prevent endless recursion.

use std::cell::Cell;

thread_local! {
    /// Whether the logger is being called on this thread.
    static IS_REPORTING: Cell<bool> = const { Cell::new(false) };
}

/// Marks the end of a message, also if the logger panics.
struct EndOfReport;

impl Drop for EndOfReport {
    fn drop(&mut self) {
        IS_REPORTING.set(false);
    }
}

/// Calls the logger, unless this is called from within the logger.
pub(super) fn unless_reporting(log: impl FnOnce()) {
    if !IS_REPORTING.replace(true) {
        let _end = EndOfReport;
        log();
    }
}

/// `report!(warn, "...")` is `log::warn!("...")`, but does nothing while the logger is being called
/// on this thread.
macro_rules! report {
    ($level:ident, $($message:tt)+) => {
        $crate::store::report::unless_reporting(|| log::$level!($($message)+))
    };
}

pub(super) use report;
