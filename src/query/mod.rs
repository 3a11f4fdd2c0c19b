//! Questions and their evaluation. Pure: each is a function of a borrowed snapshot.

mod average;
pub(crate) mod evaluate;
mod question;
pub(crate) mod range;

pub use question::{Answer, Measure, Question};
pub use range::QueryRange;
