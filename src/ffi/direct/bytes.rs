//! Calls of UniFFI's functions by their number, with arguments and results in bytes. Kotlin makes
//! all its calls in this way, so it needs no library that calls C functions.
//!
//! Integers are in big-endian order. A buffer follows its length in four bytes.

// A call of an exported function counts as unsafe code.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;

use uniffi::{Handle, RustBuffer, RustCallStatus, RustCallStatusCode};

use super::functions;

/// What the first byte of a result says: the value of the function follows, its error, or a text
/// about a failure. The text can be empty: the function does not exist, has other arguments, or
/// panicked.
const RETURNED: u8 = 0;
const ERROR: u8 = 1;
const FAILED: u8 = 2;

/// Calls a function.
pub(super) fn call(function: i32, arguments: &[u8]) -> Vec<u8> {
    let mut call = Call::new(arguments);
    let returned = functions::call(function, &mut call);
    call.result(returned)
}

/// What a call returns if it panics.
pub(super) fn panicked() -> Vec<u8> {
    vec![FAILED]
}

/// What a call returns if a JVM has no array for its result.
pub(super) fn too_long() -> Vec<u8> {
    [&[FAILED], "the result takes more than 2 GB".as_bytes()].concat()
}

/// A call that is being made.
pub(super) struct Call<'a> {
    /// Those that were not read yet.
    arguments: &'a [u8],
    /// The object whose method is called, and the function that clones its handle.
    object: Option<(Handle, CloneHandle)>,
    status: RustCallStatus,
}

/// A function of UniFFI that clones the handle of an object.
type CloneHandle = unsafe extern "C" fn(Handle, &mut RustCallStatus) -> Handle;

impl<'a> Call<'a> {
    fn new(arguments: &'a [u8]) -> Call<'a> {
        Call { arguments, object: None, status: RustCallStatus::default() }
    }

    /// Calls a function. Returns none if the bytes are not its arguments.
    pub(super) fn of<F: Function>(&mut self, function: F) -> Option<Vec<u8>> {
        function.call(self)
    }

    /// Calls a method. Its first argument is the handle of its object. A method frees the handle
    /// that it takes, so it takes a clone, which is made after all arguments were read.
    pub(super) fn method<F: Function>(&mut self, clone: CloneHandle, method: F) -> Option<Vec<u8>> {
        let object = u64::from_be_bytes(*self.arguments.first_chunk()?);
        self.object = (object != 0).then(|| (Handle::from_raw_unchecked(object), clone));
        self.object.as_ref()?;
        method.call(self)
    }

    /// Clones the handle of the object, if a method is called. It returns the same number, so the
    /// arguments that were read hold the clone already.
    fn clone_object(&mut self) {
        if let Some((object, clone)) = self.object.take() {
            // SAFETY: as for the call itself.
            unsafe { clone(object, &mut self.status) };
        }
    }

    /// The bytes of what a call led to.
    fn result(self, returned: Option<Vec<u8>>) -> Vec<u8> {
        let Some(value) = returned else { return vec![FAILED] };
        let (kind, bytes) = match self.status.code {
            RustCallStatusCode::Success => (RETURNED, value),
            RustCallStatusCode::Error => (ERROR, self.error()),
            RustCallStatusCode::UnexpectedError | RustCallStatusCode::Cancelled => (FAILED, self.error()),
        };
        [&[kind], bytes.as_slice()].concat()
    }

    fn error(self) -> Vec<u8> {
        ManuallyDrop::into_inner(self.status.error_buf).destroy_into_vec()
    }

    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.arguments.split_first_chunk()?;
        self.arguments = rest;
        Some(*bytes)
    }
}

/// What can be an argument.
pub(super) trait Argument: Sized {
    fn read(call: &mut Call<'_>) -> Option<Self>;
}

impl Argument for i8 {
    fn read(call: &mut Call<'_>) -> Option<Self> {
        call.next().map(i8::from_be_bytes)
    }
}

impl Argument for i64 {
    fn read(call: &mut Call<'_>) -> Option<Self> {
        call.next().map(i64::from_be_bytes)
    }
}

impl Argument for Handle {
    fn read(call: &mut Call<'_>) -> Option<Self> {
        call.next().map(|bytes| Handle::from_raw_unchecked(u64::from_be_bytes(bytes)))
    }
}

impl Argument for RustBuffer {
    fn read(call: &mut Call<'_>) -> Option<Self> {
        let length = usize::try_from(u32::from_be_bytes(call.next()?)).ok()?;
        let (bytes, rest) = call.arguments.split_at_checked(length)?;
        call.arguments = rest;
        Some(RustBuffer::from_vec(bytes.to_vec()))
    }
}

/// What can be returned.
pub(super) trait Returned {
    /// Adds the value to `bytes`.
    fn write(self, bytes: &mut Vec<u8>);
}

impl Returned for () {
    fn write(self, _: &mut Vec<u8>) {}
}

impl Returned for i8 {
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_be_bytes());
    }
}

impl Returned for i64 {
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_be_bytes());
    }
}

impl Returned for Handle {
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.as_raw().to_be_bytes());
    }
}

impl Returned for RustBuffer {
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.destroy_into_vec());
    }
}

/// A function that UniFFI exports.
pub(super) trait Function {
    fn call(self, call: &mut Call<'_>) -> Option<Vec<u8>>;
}

macro_rules! functions {
    ($($argument:ident)*) => {
        impl<$($argument: Argument,)* R: Returned> Function
            for unsafe extern "C" fn($($argument,)* &mut RustCallStatus) -> R
        {
            #[allow(non_snake_case)]
            fn call(self, call: &mut Call<'_>) -> Option<Vec<u8>> {
                $(let $argument = $argument::read(call)?;)*
                if !call.arguments.is_empty() {
                    return None;
                }
                call.clone_object();
                // SAFETY: the functions that take handles of objects are unsafe to call, because a
                // handle has to be one that was returned and not freed yet. The generated Kotlin
                // code passes no other ones, as it has to when it calls the functions directly.
                let returned = unsafe { self($($argument,)* &mut call.status) };
                let mut bytes = Vec::new();
                returned.write(&mut bytes);
                Some(bytes)
            }
        }
    };
}

functions!();
functions!(A);
functions!(A B);
functions!(A B C);
functions!(A B C D);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::clock::*;
    use crate::ffi::limit_document::*;
    use std::sync::Arc;

    fn result<F: Function>(function: F, arguments: &[u8]) -> Vec<u8> {
        let mut call = Call::new(arguments);
        let returned = call.of(function);
        call.result(returned)
    }

    type OfOne<A, R> = unsafe extern "C" fn(A, &mut RustCallStatus) -> R;

    const NEW_CLOCK: OfOne<i64, Handle> = uniffi_tiny_counter_fn_constructor_testclock_new;
    const SET_CLOCK: unsafe extern "C" fn(Handle, i64, &mut RustCallStatus) =
        uniffi_tiny_counter_fn_method_testclock_set;
    const NOW: OfOne<Handle, i64> = uniffi_tiny_counter_fn_method_testclock_now;

    fn method<F: Function>(function: F, arguments: &[u8]) -> Vec<u8> {
        let mut call = Call::new(arguments);
        let returned = call.method(uniffi_tiny_counter_fn_clone_testclock, function);
        call.result(returned)
    }

    fn new_clock() -> [u8; 8] {
        let clock = result(NEW_CLOCK, &1_700_000_000_000_i64.to_be_bytes());
        let [RETURNED, handle @ ..] = clock.as_slice() else { panic!("{clock:?}") };
        handle.try_into().unwrap()
    }

    #[test]
    fn integers_and_handles_pass_through_bytes() {
        let returned = [&[RETURNED], &1_700_000_000_000_i64.to_be_bytes()[..]].concat();
        assert_eq!(method(NOW, &new_clock()), returned);
    }

    #[test]
    fn a_method_frees_no_handle_but_its_clone() {
        let object = new_clock();
        let handle = Handle::from_raw_unchecked(u64::from_be_bytes(object));
        // SAFETY: the handle was returned for a clock, and is not freed before this is dropped.
        let clock = unsafe { Arc::<TestClock>::from_raw(handle.as_pointer()) };
        for _ in 0..3 {
            assert_eq!(method(NOW, &object)[0], RETURNED);
            let too_late = [object, i64::MAX.to_be_bytes()].concat();
            assert_eq!(method(SET_CLOCK, &too_late)[0], ERROR);
            // With other arguments nothing is called, and no clone is made.
            for wrong in [&object[..], &[&object[..], &[0; 7]].concat(), &[&object[..], &[0; 9]].concat()] {
                assert_eq!(method(SET_CLOCK, wrong), [FAILED]);
            }
            assert_eq!(Arc::strong_count(&clock), 1);
        }
    }

    #[test]
    fn a_method_needs_an_object() {
        assert_eq!(method(NOW, &[0; 8]), [FAILED]);
        assert_eq!(method(NOW, &[0; 7]), [FAILED]);
    }

    #[test]
    fn an_error_passes_through_bytes() {
        let error = result(NEW_CLOCK, &i64::MAX.to_be_bytes());
        assert_eq!(error[0], ERROR);
        assert!(error.len() > 20);
    }

    #[test]
    fn buffers_pass_through_bytes() {
        let text = br#"{"version":1,"all":[{"at_most":1,"of":"survey","within":"ever"}]}"#;
        let arguments = [&u32::try_from(text.len()).unwrap().to_be_bytes()[..], text].concat();
        let from_json: OfOne<RustBuffer, RustBuffer> = uniffi_tiny_counter_fn_func_limit_from_json;
        let limit = result(from_json, &arguments);
        let [RETURNED, limit @ ..] = limit.as_slice() else { panic!("{limit:?}") };
        let arguments = [&u32::try_from(limit.len()).unwrap().to_be_bytes()[..], limit].concat();
        let to_json: OfOne<RustBuffer, RustBuffer> = uniffi_tiny_counter_fn_func_limit_to_json;
        let again = result(to_json, &arguments);
        assert_eq!(
            String::from_utf8_lossy(&again[1..]).replace([' ', '\n'], ""),
            String::from_utf8_lossy(text)
        );
    }

    #[test]
    fn what_is_no_call_does_nothing() {
        for function in [i32::MIN, -1, 100_000] {
            assert_eq!(call(function, &[]), [FAILED]);
        }
        let from_json: OfOne<RustBuffer, RustBuffer> = uniffi_tiny_counter_fn_func_limit_from_json;
        for arguments in [&[][..], &[0, 0, 0], &[0, 0, 0, 1], &[255, 255, 255, 255, 0], &[0, 0, 0, 0, 9]] {
            assert_eq!(result(from_json, arguments), [FAILED]);
        }
    }
}
