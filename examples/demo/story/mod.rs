//! The parts of the demonstration.

pub mod answers;
pub mod kill;
pub mod life;
pub mod phone;
pub mod prompt;
pub mod sync;
pub mod table;
pub mod trace;

/// What went wrong, in words.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error>>;
