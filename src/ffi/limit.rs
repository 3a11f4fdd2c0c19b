//! What limits answer.

use std::sync::Arc;

use super::checked;
use super::reservation::Reservation;

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
        /// Why, and until when.
        refusal: LimitRefusal,
    },
}

/// The answer of a limit to `reserve_for`.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum StoredReservationDecision {
    /// Every rule passes. The reservation was written.
    Reserved {
        /// The key that commits or cancels the reservation, 1 or more. An app can keep it wherever
        /// it keeps numbers.
        key: i64,
    },
    /// Some rules do not pass. Nothing was reserved.
    Refused {
        /// Why, and until when.
        refusal: LimitRefusal,
    },
}

/// Why a limit does not pass, and when it passes.
#[derive(Debug, Clone, uniffi::Record)]
pub struct LimitRefusal {
    /// Every rule that does not pass, in the order of the rules.
    pub refusals: Vec<Refusal>,
    /// The time in milliseconds until the whole limit passes if nothing else is recorded: the first
    /// instant at which all of its rules pass together. Absent if waiting does not help, or if that
    /// is not known: if the rules do not pass together within the longest window and 400 days after
    /// each of them passed, or if finding out takes more than 4,096 steps.
    pub retry_after_millis: Option<i64>,
    /// The same as an instant, in milliseconds since the Unix epoch.
    pub retry_at_unix_millis: Option<i64>,
}

/// A rule that does not pass.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Refusal {
    /// The index of the rule in the limit, or in its group if the refusal is one of `branches`: 0
    /// for the first. What belongs to a group is not counted.
    pub rule: i32,
    /// What was counted for it: for `AtMost` the greatest possible number, pending reservations
    /// included; for `AtLeast` the least possible number. Directly in a `NoneOf` it is the other
    /// one. It can differ from the answer to a question. Absent for other rules.
    pub count: Option<i64>,
    /// Whether the rule refuses because stored counts were lost; if `passes`, whether it passes
    /// because of that. That lasts until the loss lies outside its window, or until
    /// `acknowledge_loss` is called.
    pub after_loss: bool,
    /// The time in milliseconds until the rule passes if nothing else is recorded; absent if
    /// waiting does not help or the wait is not known. If the rule passes now, the time until it
    /// stops passing.
    pub retry_after_millis: Option<i64>,
    /// Whether the rule passes now. It is true only in `branches`, for a rule that has to stop
    /// passing.
    pub passes: bool,
    /// For a group, the rules in it that would have to change: for `AllOf`, those that do not pass;
    /// for `AnyOf`, every rule, any of which is enough; for `NoneOf`, those that pass. If the group
    /// itself has to stop passing, the same for that.
    pub branches: Vec<Refusal>,
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

impl From<&crate::Refusal> for Refusal {
    fn from(refusal: &crate::Refusal) -> Self {
        Refusal {
            rule: checked::small(refusal.place),
            count: refusal.count.map(checked::signed),
            after_loss: refusal.after_loss,
            retry_after_millis: refusal.retry_after.map(|wait| wait.num_milliseconds()),
            passes: refusal.passes,
            branches: refusal.branches.iter().map(Refusal::from).collect(),
            text: refusal.to_string(),
        }
    }
}

impl From<crate::LimitUsage> for LimitUsage {
    fn from(usage: crate::LimitUsage) -> Self {
        LimitUsage { count: usage.count.into(), limit: usage.limit.into(), remaining: usage.remaining.into() }
    }
}
