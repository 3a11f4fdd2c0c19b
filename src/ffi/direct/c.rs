//! The calls as C symbols, for Swift. `tiny_counter.h` declares those that Swift needs.

// `no_mangle` counts as unsafe code. There is no unsafe block.
#![allow(unsafe_code)]

use super::calls;
use super::interface::INTERFACE;
use super::numbers;

/// The number of an event of the store with this number. The name has `length` UTF-16 code units,
/// at most 64, four in each word. Returns 0 if the event has to be asked for by UniFFI.
///
/// To pass a text in this way needs no memory of a JVM, and takes less time than any call by JNA.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_event(
    store: i64,
    length: i32,
    w0: i64,
    w1: i64,
    w2: i64,
    w3: i64,
    w4: i64,
    w5: i64,
    w6: i64,
    w7: i64,
    w8: i64,
    w9: i64,
    w10: i64,
    w11: i64,
    w12: i64,
    w13: i64,
    w14: i64,
    w15: i64,
) -> i64 {
    let words = [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15];
    calls::guarded(calls::NO_NUMBER, || calls::event(store, length, words))
}

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
