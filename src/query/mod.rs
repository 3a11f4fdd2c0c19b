//! Questions and their evaluation. Pure: each is a function of a borrowed snapshot.

pub(crate) mod dated;
pub(crate) mod evaluate;
mod question;
mod quotient;
pub(crate) mod range;
mod rolling;
pub(crate) mod since;

pub use dated::DatedCount;
pub use question::{Answer, Measure, Question};
pub use range::QueryRange;
