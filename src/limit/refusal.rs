//! Why a limit refused, and when to try again.

use std::fmt;

use chrono::Duration;

use super::constraint::Constraint;
use super::words::rounded_up;

/// One rule that refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refusal {
    /// The index of the rule in the limit, 0 for the first.
    pub place: usize,
    /// The rule.
    pub constraint: Constraint,
    /// What was counted for it: for `at_most` the greatest possible number, pending reservations
    /// included; for `at_least` the least possible number. It can differ from the answer to a
    /// query. Absent for other rules.
    pub count: Option<u64>,
    /// Whether the rule refuses because stored counts were lost. It then refuses until the loss
    /// lies outside of its window, or until `acknowledge_loss` is called.
    pub after_loss: bool,
    /// How long until the rule passes if nothing else is recorded; absent if waiting does not help
    /// or the wait is not known.
    pub retry_after: Option<Duration>,
}

/// A limit refused. The fields describe the first rule that refused, `all` describes every one.
#[derive(Debug)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The event of the decision.
    pub event_id: String,
    /// The first rule that refused.
    pub constraint: Constraint,
    /// How long until that rule passes if nothing else is recorded; absent if waiting does not help
    /// or the wait is not known.
    pub retry_after: Option<Duration>,
    /// The other fields of the first `Refusal`, in a compact form: every `Result` of the crate is
    /// as large as its error.
    place: u32,
    after_loss: bool,
    /// 0 for rules that do not count.
    count: u64,
    more: Option<Box<Others>>,
}

/// The refusals after the first.
#[derive(Debug)]
struct Others(Vec<Refusal>);

impl LimitExceeded {
    /// A refusal of `event` by at least one rule.
    pub(crate) fn new(event: &str, first: Refusal, more: Vec<Refusal>) -> LimitExceeded {
        LimitExceeded {
            event_id: event.to_owned(),
            constraint: first.constraint,
            retry_after: first.retry_after,
            place: u32::try_from(first.place).unwrap_or(u32::MAX),
            after_loss: first.after_loss,
            count: first.count.unwrap_or(0),
            more: (!more.is_empty()).then(|| Box::new(Others(more))),
        }
    }

    /// Every rule that refused, in the order of the limit.
    pub fn all(&self) -> Vec<Refusal> {
        let first = Refusal {
            place: usize::try_from(self.place).unwrap_or(usize::MAX),
            constraint: self.constraint.clone(),
            count: self.constraint.counts().then_some(self.count),
            after_loss: self.after_loss,
            retry_after: self.retry_after,
        };
        let others = self.more.iter().flat_map(|others| &others.0);
        std::iter::once(first).chain(others.cloned()).collect()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.constraint)?;
        if let Some(count) = self.count {
            write!(f, " ({count} counted)")?;
        }
        if self.after_loss {
            write!(f, ", because stored counts were lost")?;
        }
        match self.retry_after {
            Some(wait) => write!(f, "; passes in {}", rounded_up(wait)),
            None if self.constraint.is_custom() => write!(f, "; when it passes is not known"),
            None => write!(f, "; waiting does not help"),
        }
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the limit refuses: ")?;
        for (index, refusal) in self.all().iter().enumerate() {
            write!(f, "{}{refusal}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
