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
    /// included; for `at_least` the least possible number. Directly in a `none_of` it is the other
    /// one. It can differ from the answer to a query. Absent for other rules.
    pub count: Option<u64>,
    /// Whether the rule refuses because stored counts were lost; if `passes`, whether it passes
    /// because of that. That lasts until the loss lies outside of its window, or until
    /// `acknowledge_loss` is called.
    pub after_loss: bool,
    /// How long until the rule passes if nothing else is recorded; absent if waiting does not help
    /// or the wait is not known. If the rule passes now, how long until it stops passing.
    pub retry_after: Option<Duration>,
    /// Whether the rule passes now. It is true only in the branches of a group, for a rule that has
    /// to stop passing.
    pub passes: bool,
    /// For a group, the rules in it that would have to change: for all of, those that do not pass;
    /// for any of, every rule, any of which is enough; for none of, those that pass. If the group
    /// itself has to stop passing, the same for that. `place` is then the index in the group.
    pub branches: Vec<Refusal>,
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
    more: Option<Box<More>>,
}

/// What only some refusals have.
#[derive(Debug)]
struct More {
    /// The branches of the first rule that refused.
    branches: Vec<Refusal>,
    /// The refusals after the first.
    others: Vec<Refusal>,
    /// How long until the whole limit passes.
    allowed_after: Option<Duration>,
}

impl Refusal {
    /// The refusal by a group without rules, which no limit has.
    fn none() -> Refusal {
        Refusal {
            place: 0,
            constraint: Constraint::AnyOf { constraints: Vec::new() },
            count: None,
            after_loss: false,
            retry_after: None,
            passes: false,
            branches: Vec::new(),
        }
    }
}

impl LimitExceeded {
    /// A refusal of `event` by at least one rule.
    pub(crate) fn new(event: &str, all: Vec<Refusal>, allowed_after: Option<Duration>) -> LimitExceeded {
        let mut all = all.into_iter();
        let first = all.next().unwrap_or_else(Refusal::none);
        let (branches, others): (_, Vec<_>) = (first.branches, all.collect());
        let is_usual = others.is_empty() && branches.is_empty() && allowed_after == first.retry_after;
        LimitExceeded {
            event_id: event.to_owned(),
            constraint: first.constraint,
            retry_after: first.retry_after,
            place: u32::try_from(first.place).unwrap_or(u32::MAX),
            after_loss: first.after_loss,
            count: first.count.unwrap_or(0),
            more: (!is_usual).then(|| Box::new(More { branches, others, allowed_after })),
        }
    }

    /// How long until the whole limit passes if nothing else is recorded: the first instant at
    /// which all of its rules pass together. Each rule may pass earlier.
    ///
    /// Absent if waiting does not help, or if that is not known: if the limit asks a schedule of
    /// the app, if the rules do not pass together within the longest window and 400 days after each
    /// of them passed, or if finding out takes more than 4,096 steps.
    pub fn allowed_after(&self) -> Option<Duration> {
        self.more.as_ref().map_or(self.retry_after, |more| more.allowed_after)
    }

    /// Every rule that refused, in the order of the limit.
    pub fn all(&self) -> Vec<Refusal> {
        let more = self.more.as_deref();
        let first = Refusal {
            place: usize::try_from(self.place).unwrap_or(usize::MAX),
            constraint: self.constraint.clone(),
            count: self.constraint.counts().then_some(self.count),
            after_loss: self.after_loss,
            retry_after: self.retry_after,
            passes: false,
            branches: more.map_or_else(Vec::new, |more| more.branches.clone()),
        };
        let others = more.into_iter().flat_map(|more| &more.others);
        std::iter::once(first).chain(others.cloned()).collect()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.branches.is_empty() {
            write!(f, "{}", self.constraint)?;
        } else {
            let branches = self.branches.iter().map(Refusal::to_string).collect::<Vec<_>>().join(" | ");
            write!(f, "{} ({branches})", self.constraint.group_words())?;
        }
        if let Some(count) = self.count {
            write!(f, " ({count} counted)")?;
        }
        if self.after_loss {
            write!(f, ", because stored counts were lost")?;
        }
        match self.retry_after {
            Some(wait) if self.passes => write!(f, "; passes, for {}", rounded_up(wait)),
            Some(wait) => write!(f, "; passes in {}", rounded_up(wait)),
            None if self.constraint.is_custom() && self.passes => {
                write!(f, "; passes, how long is not known")
            }
            None if self.passes => write!(f, "; passes, and waiting does not help"),
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
        // Usually the last of the waits says it.
        let waits = self.all().iter().map(|refusal| refusal.retry_after).max().flatten();
        match self.allowed_after() {
            Some(wait) if Some(wait) != waits => {
                write!(f, "; all rules pass together in {}", rounded_up(wait))
            }
            _ => Ok(()),
        }
    }
}
