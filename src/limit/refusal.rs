//! Why a limit refused, and until when.

use std::fmt;

use chrono::Duration;

use super::constraint::{Constraint, words};

/// One constraint that refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refusal {
    /// The place of the rule in the limit, 0 for the first.
    pub place: usize,
    /// The rule.
    pub constraint: Constraint,
    /// What was counted for it; absent for rules that do not count.
    pub count: Option<u64>,
    /// Stored counts were lost that the rule would have to know: it refuses until they lie outside of its window, or `acknowledge_loss` is
    /// called.
    pub after_loss: bool,
    /// How long until it passes if nothing else is recorded; absent when waiting cannot help.
    pub retry_after: Option<Duration>,
}

/// A limit refused. The fields tell of the first constraint that did, `all` of every one.
#[derive(Debug)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The event that was asked for.
    pub event_id: String,
    /// The first constraint that refused.
    pub constraint: Constraint,
    /// How long until that constraint passes if nothing else is recorded; absent when waiting cannot help.
    pub retry_after: Option<Duration>,
    /// The rest is kept small: what a result can carry is moved by every call, in the caller's code too.
    pub(super) place: u32,
    pub(super) after_loss: bool,
    /// 0 for constraints that do not count.
    pub(super) count: u64,
    pub(super) more: Option<Box<Others>>,
}

/// Those after the first.
#[derive(Debug)]
pub(super) struct Others(pub(super) Vec<Refusal>);

impl LimitExceeded {
    /// Every constraint that refused, in the order in which they were named.
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
            write!(f, ", stored counts were lost")?;
        }
        match self.retry_after {
            Some(wait) => write!(f, "; passes in {}", words(wait)),
            None => write!(f, "; waiting alone does not help"),
        }
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the limit refuses: ")?;
        for (place, refusal) in self.all().iter().enumerate() {
            write!(f, "{}{refusal}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
