//! The calls as native methods of the Kotlin object `Direct`. The symbols in `c` say what each of
//! them does.
//!
//! A JVM adds two arguments, its environment and the class. Only `call` uses one of them, to read
//! and make arrays of bytes.

// `no_mangle` counts as unsafe code, and so do the functions of a JVM.
#![allow(unsafe_code)]

use std::ffi::c_void;

use jni_sys::{JNIEnv, jbyteArray};

use super::{bytes, c, calls};
use crate::ffi::checked;

/// No JVM has a longer array. One that is asked for it can end the process.
const MAX_BYTES: usize = 0x7fff_fff7;

/// An argument that is not read.
type Unused = *const c_void;

/// Calls the function of UniFFI with this number, as `bytes` says. Returns null with a pending
/// `OutOfMemoryError` if the JVM has no memory for the result.
///
/// # Safety
/// `env` and `arguments` have to be those of a call by a JVM.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_dev_tinycounter_Direct_call(
    env: *mut JNIEnv,
    _: Unused,
    function: i32,
    arguments: jbyteArray,
) -> jbyteArray {
    // SAFETY: a JVM passes its own environment, and an array that exists until the call returns.
    // The region is that of the whole array.
    let arguments = unsafe {
        let jvm = &(**env).v1_1;
        let length = (jvm.GetArrayLength)(env, arguments);
        let mut bytes = vec![0_i8; usize::try_from(length).unwrap_or(0)];
        (jvm.GetByteArrayRegion)(env, arguments, 0, length, bytes.as_mut_ptr());
        bytes
    };
    let arguments: Vec<u8> = arguments.into_iter().map(i8::cast_unsigned).collect();
    let mut result = calls::guarded(bytes::panicked(), || bytes::call(function, &arguments));
    if result.len() > MAX_BYTES {
        result = bytes::too_long();
    }
    let length = checked::small(result.len());
    // SAFETY: as above. The region is that of the whole new array.
    unsafe {
        let jvm = &(**env).v1_1;
        let array = (jvm.NewByteArray)(env, length);
        if !array.is_null() {
            (jvm.SetByteArrayRegion)(env, array, 0, length, result.as_ptr().cast());
        }
        array
    }
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
