//! The calls as C symbols, for Swift. `tiny_counter.h` declares those that Swift needs.

// `no_mangle` counts as unsafe code, and so does writing to the memory of the caller.
#![allow(unsafe_code)]

use super::calls;
use super::interface::INTERFACE;
use super::numbers;
use crate::ffi::checked;

/// Records the event with this number `count` times. Returns 1, 0 if nothing was recorded, or -1 if
/// the number is not known.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_record(number: i64, count: i64) -> i32 {
    calls::guarded(calls::UNKNOWN, || calls::record(number, count))
}

/// Whether the limit with this number allows its event now: 1, 0 if it does not or if there is an
/// error, or -1 if the number is not known. Nothing is recorded.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_allowed(number: i64) -> i32 {
    calls::guarded(calls::UNKNOWN, || calls::allowed(number))
}

/// Records the event of the limit with this number if the limit allows it. Returns 1, 0 if nothing
/// was recorded, 2 if the event was recorded but could not be written, or -1 if the number is not
/// known.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_check_and_record(number: i64) -> i32 {
    calls::guarded(calls::UNKNOWN, || calls::check_and_record(number))
}

/// The answer to the question with this number, if it is an integer. Returns the least integer if
/// the answer is absent, and one more if there is an error or another answer.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_integer(number: i64) -> i64 {
    calls::guarded(calls::NO_INTEGER, || calls::integer(number))
}

/// The answer to the question with this number, if it is a float. Returns negative infinity if the
/// answer is absent, and no number if there is an error or another answer.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_float(number: i64) -> f64 {
    calls::guarded(calls::NO_FLOAT, || calls::float(number))
}

/// The answer to the question with this number, if it is buckets or absent. Writes the count of
/// each bucket to `counts`, newest first, and returns how many there are. Returns -1 and writes
/// nothing if there are more than `room`, or if there is an error or another answer.
///
/// # Safety
/// `counts` has to point to memory for `room` integers that nothing else uses meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tiny_counter_buckets(number: i64, counts: *mut i64, room: i64) -> i64 {
    match calls::guarded(None, || calls::buckets(number, room)) {
        Some(buckets) => {
            // SAFETY: there are at most as many as there is room for.
            unsafe { counts.copy_from_nonoverlapping(buckets.as_ptr(), buckets.len()) };
            checked::signed(buckets.len())
        }
        None => -1,
    }
}

/// Releases the number of an event.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_release(number: i64) {
    calls::guarded((), || numbers::release(number));
}

/// The number of the interface that this library was built for.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_interface() -> i64 {
    INTERFACE
}
