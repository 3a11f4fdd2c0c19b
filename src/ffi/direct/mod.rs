//! The symbols that are not UniFFI's: frequent calls that pass numbers only, and for a JVM one call
//! by which it makes all of UniFFI's calls.
//!
//! What is called often has a number (`numbers`), which stands for an event of a store, a prepared
//! limit or a prepared question. `calls` says what each call does. `c` and `jni` export the calls
//! to Swift and to Kotlin. A number that was never issued, or that was released, is found to be
//! unknown. A call that cannot answer with numbers says so, and the caller then uses the form of
//! the call that crosses by UniFFI: it returns the refusal or the error.
//!
//! A JVM cannot call a C function without a library that makes it possible, which takes much longer
//! than the work itself. So `jni` has one method that takes the number of a function of UniFFI
//! (`functions`) and its arguments in bytes (`bytes`).

#[cfg(not(target_os = "ios"))]
mod bytes;
mod c;
mod calls;
#[cfg(not(target_os = "ios"))]
mod functions;
mod interface;
#[cfg(not(target_os = "ios"))]
mod jni;
mod numbers;
#[cfg(test)]
mod tests;

pub(super) use numbers::{EventLimit, Number, Numbered, issue};
