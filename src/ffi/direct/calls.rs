//! What the exported symbols do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::numbers::{self, Numbered};
use crate::Answer;
use crate::ffi::checked;

/// The call was carried out. A limit allows the event.
pub(super) const DONE: i32 = 1;
/// Nothing was done. A limit refuses, or there is an error; the slow form of the call says which.
pub(super) const NOT_DONE: i32 = 0;
/// The number is not known, or it stands for something else. Nothing was done.
pub(super) const UNKNOWN: i32 = -1;
/// The event was counted but could not be written. `PreparedLimit::write` tries again.
pub(super) const NOT_WRITTEN: i32 = 2;

/// There is no answer, as `Answer::Absent`.
pub(super) const ABSENT: i64 = i64::MIN;
/// The answer is no integer, or there is an error. The slow form of the call returns it.
pub(super) const NO_INTEGER: i64 = i64::MIN + 1;

/// There is no answer, as `Answer::Absent`.
pub(super) const ABSENT_FLOAT: f64 = f64::NEG_INFINITY;
/// The answer is no float, or there is an error. The slow form of the call returns it.
pub(super) const NO_FLOAT: f64 = f64::NAN;

/// Does the same as `EventStore::record` for the event with this number.
pub(super) fn record(number: i64, count: i64) -> i32 {
    let Some(Numbered::Event(event)) = numbers::find(number) else { return UNKNOWN };
    let Ok(count) = checked::count(count) else { return NOT_DONE };
    event.record(count);
    DONE
}

/// Does the same as `PreparedLimit::allowed`. An error is `NOT_DONE` too.
pub(super) fn allowed(number: i64) -> i32 {
    let Some(Numbered::Limit(limit)) = numbers::find(number) else { return UNKNOWN };
    limit.core.allowed(&limit.event).into()
}

/// Does the same as `PreparedLimit::decide` in the mode `Record`.
pub(super) fn check_and_record(number: i64) -> i32 {
    let Some(Numbered::Limit(limit)) = numbers::find(number) else { return UNKNOWN };
    match limit.core.record_if_allowed(&limit.event) {
        Ok(false) | Err(_) => NOT_DONE,
        Ok(true) => limit.core.write_recorded(&limit.event).map_or(NOT_WRITTEN, |()| DONE),
    }
}

/// Does the same as `PreparedQuestion::ask` for a question whose answer is an integer.
pub(super) fn integer(number: i64) -> i64 {
    let Some(Numbered::Question(question)) = numbers::find(number) else { return NO_INTEGER };
    match question.ask_memory() {
        Ok(Answer::Count(count)) => checked::signed(count),
        Ok(Answer::Ago(ago)) => ago.num_milliseconds(),
        Ok(Answer::Date(at)) => at.timestamp_millis(),
        Ok(Answer::Flag(flag)) => flag.into(),
        // Differences that are the two other results cross by UniFFI.
        Ok(Answer::Difference(value)) if value > NO_INTEGER => value,
        Ok(Answer::Absent) => ABSENT,
        Ok(_) | Err(_) => NO_INTEGER,
    }
}

/// Does the same as `PreparedQuestion::ask` for a question whose answer is a float.
pub(super) fn float(number: i64) -> f64 {
    let Some(Numbered::Question(question)) = numbers::find(number) else { return NO_FLOAT };
    match question.ask_memory() {
        Ok(Answer::Number(value)) if value.is_finite() => value,
        Ok(Answer::Absent) => ABSENT_FLOAT,
        Ok(_) | Err(_) => NO_FLOAT,
    }
}

/// Does the same as `PreparedQuestion::ask` for a question whose answer is at most `room` buckets.
pub(super) fn buckets(number: i64, room: i64) -> Option<Vec<i64>> {
    let Some(Numbered::Question(question)) = numbers::find(number) else { return None };
    let counts = match question.ask_memory() {
        Ok(Answer::Buckets(counts)) => counts.into_iter().map(checked::signed).collect(),
        Ok(Answer::Absent) => Vec::new(),
        Ok(_) | Err(_) => return None,
    };
    (checked::signed(counts.len()) <= room).then_some(counts)
}

/// Runs a call. A panic must not unwind into code of another language.
#[inline]
pub(super) fn guarded<R>(if_it_panics: R, call: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(if_it_panics)
}
