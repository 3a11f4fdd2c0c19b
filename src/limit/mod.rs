//! Rules and their evaluation. Pure: a verdict is a function of a rule and a borrowed snapshot.

mod constraint;
mod evaluate;
mod explain;
mod heap_rules;
mod json;
mod refusal;
mod refuse;
mod rehearse;
mod retry;
mod rises;
mod rule;
mod rule_methods;
mod rules;
mod schedule;
mod usage;
mod words;

pub use constraint::Constraint;
pub(crate) use evaluate::Evaluation;
pub use explain::{ExplainedRule, Explanation};
pub use json::LimitSet;
pub use refusal::{LimitExceeded, Refusal};
pub(crate) use rule::RuleKind;
pub(crate) use rule_methods::rule_methods;
pub use rules::Limit;
pub use schedule::Schedule;
pub use usage::LimitUsage;
