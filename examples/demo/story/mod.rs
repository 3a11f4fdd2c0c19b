//! The parts of the demo.

pub mod answers;
pub mod kill;
pub mod life;
pub mod phone;
pub mod prompt;
pub mod sync;
pub mod table;
pub mod trace;

/// A result with any error.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error>>;
