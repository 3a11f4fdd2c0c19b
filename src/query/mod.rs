//! Questions, and their evaluation over counters: pure, and at one instant each.

mod answered;
mod average;
mod batch;
mod delta;
mod last;
mod many;
mod range;
mod ratio;
mod single;
pub(crate) mod span;

pub(crate) use answered::Answered;
pub use batch::{Answer, Measure, Question};
pub use delta::{DeltaQuery, DeltaRangeQuery};
pub use many::{MultiQuery, MultiRangeQuery};
pub use range::RangeQuery;
pub use ratio::RatioQuery;
pub use single::Query;
pub use span::Span;
