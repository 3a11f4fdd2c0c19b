//! Frequent calls as plain symbols that take and return numbers only, without UniFFI. UniFFI passes
//! a status with every call, and texts as buffers; on a JVM this takes a hundred times as long as
//! the work itself.
//!
//! What is called often has a number (`numbers`), which stands for an event of a store, a prepared
//! limit or a prepared question. `calls` says what each call does. `c` and `jni` export the calls
//! to Swift and to Kotlin. No pointer is read, so a number that was never issued, or that was
//! released, is found to be unknown.
//!
//! A call that cannot answer with a number says so, and the caller then uses the form of the call
//! that crosses by UniFFI: it returns the refusal or the error.

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
