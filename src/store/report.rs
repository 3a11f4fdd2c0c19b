//! Messages to the app's logger. The logger may record an event, which can fail and be reported
//! again: a report from within a report is left out, so that it does not go on for ever.

use std::cell::Cell;

thread_local! {
    /// Whether the logger is being called on this thread.
    static REPORTS: Cell<bool> = const { Cell::new(false) };
}

/// Ends a report, also if the logger panics.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        REPORTS.set(false);
    }
}

/// Calls the logger, unless this is called from within the logger.
pub(super) fn unless_reporting(log: impl FnOnce()) {
    if !REPORTS.replace(true) {
        let _end = End;
        log();
    }
}

/// `report!(warn, "...")` is `log::warn!("...")`, unless it is called from within a report.
macro_rules! report {
    ($level:ident, $($message:tt)+) => {
        $crate::store::report::unless_reporting(|| log::$level!($($message)+))
    };
}

pub(super) use report;
