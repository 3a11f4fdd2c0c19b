//! The calls as native methods of the Kotlin object `Direct`. The symbols in `c` say what each of
//! them does.
//!
//! The two arguments that a JVM adds, its environment and the class, are not used.

// `no_mangle` counts as unsafe code. There is no unsafe block.
#![allow(unsafe_code)]

use std::ffi::c_void;

use super::c;

/// An argument that is not read.
type Unused = *const c_void;

/// `tiny_counter_event`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_event(
    _: Unused,
    _: Unused,
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
    c::tiny_counter_event(store, length, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15)
}

/// `tiny_counter_record`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_record(
    _: Unused,
    _: Unused,
    number: i64,
    count: i64,
) -> i32 {
    c::tiny_counter_record(number, count)
}

/// `tiny_counter_allowed`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_allowed(_: Unused, _: Unused, number: i64) -> i32 {
    c::tiny_counter_allowed(number)
}

/// `tiny_counter_check_and_record`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_checkAndRecord(_: Unused, _: Unused, number: i64) -> i32 {
    c::tiny_counter_check_and_record(number)
}

/// `tiny_counter_integer`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_integer(_: Unused, _: Unused, number: i64) -> i64 {
    c::tiny_counter_integer(number)
}

/// `tiny_counter_float`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_float(_: Unused, _: Unused, number: i64) -> f64 {
    c::tiny_counter_float(number)
}

/// `tiny_counter_release`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_release(_: Unused, _: Unused, number: i64) {
    c::tiny_counter_release(number);
}

/// `tiny_counter_interface`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_dev_tinycounter_Direct_interface(_: Unused, _: Unused) -> i64 {
    c::tiny_counter_interface()
}
