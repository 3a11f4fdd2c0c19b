//! Rules and their evaluation. Pure: a verdict is a function of a rule and a borrowed snapshot.

mod constraint;
mod evaluate;
mod refusal;
mod retry;
mod rule;
mod schedule;
mod usage;
mod words;

pub use constraint::Constraint;
pub(crate) use evaluate::{Evaluation, Verdict};
pub use refusal::{LimitExceeded, Refusal};
pub(crate) use rule::{OwnedSubject, Rule, RuleKind, Subject};
pub(crate) use schedule::EvaluatedSchedule;
pub use schedule::Schedule;
pub use usage::LimitUsage;
