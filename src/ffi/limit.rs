//! Limits: rules that must all pass, and the decision.

use std::sync::Arc;

use super::checked;
use super::error::EventStoreError;
use super::reservation::Reservation;
use super::rule::Rule;
use super::store::EventStore;
use crate::Error;

/// What happens if every rule of a limit passes.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum LimitMode {
    /// Nothing is recorded.
    Check,
    /// The event is recorded in the same step, and written before the call returns.
    Record,
    /// One event is reserved in the same step.
    Reserve,
}

/// The answer of a limit.
#[derive(Debug, uniffi::Enum)]
pub enum Decision {
    /// Every rule passes.
    Allowed {
        /// The reservation in the mode `Reserve`; absent in the other modes.
        reservation: Option<Arc<Reservation>>,
    },
    /// Some rules do not pass. Nothing was recorded or reserved.
    Refused {
        /// Every rule that does not pass, in the order of the rules.
        refusals: Vec<Refusal>,
    },
}

/// A rule that does not pass.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Refusal {
    /// The index of the rule in the list of rules, 0 for the first.
    pub rule: i32,
    /// What was counted for it: for `AtMost` the greatest possible number, pending reservations
    /// included; for `AtLeast` the least possible number. It can differ from the answer to a
    /// question. Absent for other rules.
    pub count: Option<i64>,
    /// Whether the rule refuses because stored counts were lost. It then refuses until the loss
    /// lies outside its window, or until `acknowledge_loss` is called.
    pub after_loss: bool,
    /// The time in milliseconds until the rule passes if nothing else is recorded; absent if
    /// waiting does not help or the wait is not known.
    pub retry_after_millis: Option<i64>,
    /// The rule and the numbers in English, for a log.
    pub text: String,
}

/// How much of a limit is used.
#[derive(Debug, Clone, uniffi::Record)]
pub struct LimitUsage {
    /// The greatest number of times that the event can have happened in the window, pending
    /// reservations included. It can differ from the answer to a question.
    pub count: i64,
    /// The limit.
    pub limit: i64,
    /// How many more the limit allows.
    pub remaining: i64,
}

#[uniffi::export]
impl EventStore {
    /// Decides whether `event` may happen now: every rule must pass. The decision and what `mode`
    /// does are one step. A refusal is an answer and not an error.
    ///
    /// Fails with `InvalidArgument` for a number out of bounds, for a window that the tracked units
    /// do not reach back over, and for a name of more than 1,024 bytes of UTF-8; with `Unavailable`
    /// or `Corrupt` if an event cannot be read; with `Closed`. Nothing is recorded then. In the
    /// mode `Record` it also fails with `Storage` or `Unavailable` if the event cannot be written;
    /// the event is counted then.
    pub fn limit(
        &self,
        event: String,
        rules: Vec<Rule>,
        mode: LimitMode,
    ) -> Result<Decision, EventStoreError> {
        let limiter = self.limiter(rules)?;
        let allowed = match mode {
            LimitMode::Check => limiter.check(event).map(|()| None),
            LimitMode::Record => limiter.check_and_record(event).map(|()| None),
            LimitMode::Reserve => limiter.reserve(event).map(Some),
        };
        match allowed {
            Ok(reserved) => {
                let reservation = reserved.map(|core| Arc::new(Reservation { core }));
                Ok(Decision::Allowed { reservation })
            }
            Err(Error::LimitExceeded(refusal)) => {
                Ok(Decision::Refused { refusals: refusal.all().iter().map(Refusal::from).collect() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How much is used of the rule `AtMost` on `event` that allows the fewest more; absent if the
    /// event was neither recorded nor reserved.
    ///
    /// Fails as `limit` does, and with `InvalidArgument` if there is no such rule.
    pub fn limit_usage(
        &self,
        event: String,
        rules: Vec<Rule>,
    ) -> Result<Option<LimitUsage>, EventStoreError> {
        match self.limiter(rules)?.usage(event) {
            Ok(usage) => Ok(Some(usage.into())),
            Err(Error::EventNotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl EventStore {
    pub(super) fn limiter(&self, rules: Vec<Rule>) -> Result<crate::Limiter<'_>, EventStoreError> {
        rules.into_iter().try_fold(self.core.limit(), |limit, rule| rule.add_to(limit))
    }
}

impl From<&crate::Refusal> for Refusal {
    fn from(refusal: &crate::Refusal) -> Self {
        Refusal {
            rule: checked::index(refusal.place),
            count: refusal.count.map(checked::signed),
            after_loss: refusal.after_loss,
            retry_after_millis: refusal.retry_after.map(|wait| wait.num_milliseconds()),
            text: refusal.to_string(),
        }
    }
}

impl From<crate::LimitUsage> for LimitUsage {
    fn from(usage: crate::LimitUsage) -> Self {
        LimitUsage { count: usage.count.into(), limit: usage.limit.into(), remaining: usage.remaining.into() }
    }
}
