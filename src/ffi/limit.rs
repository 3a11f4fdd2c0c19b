//! Limits: rules in, a decision out.

use std::sync::Arc;

use super::error::EventStoreError;
use super::store::EventStore;
use super::types::TimeUnit;
use crate::{Constraint, Error, TimeWindow, checked};

/// What a rule looks back at.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Window {
    /// Calendar units that end with the current one: one day is today.
    Calendar {
        /// How many units, 1 or more.
        count: i64,
        /// The unit. `Ever` is all time, whatever the number.
        unit: TimeUnit,
    },
    /// The last so much of time.
    Rolling {
        /// How long, in milliseconds, 1 or more.
        millis: i64,
    },
}

/// A recurring stretch of time.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Schedule {
    /// From the start of one hour to the start of another. A start after the end runs over midnight.
    Hours {
        /// The first hour in which it holds, 0 to 23.
        start: i32,
        /// The hour before which it ends, 0 to 24.
        end: i32,
        /// By the store's time zone rather than UTC.
        local: bool,
    },
    /// Monday to Friday.
    Weekdays {
        /// By the store's time zone rather than UTC.
        local: bool,
    },
    /// Saturday and Sunday.
    Weekends {
        /// By the store's time zone rather than UTC.
        local: bool,
    },
}

/// One demand of a limit. Each counts its own event.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Rule {
    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    AtMost {
        /// The event that is counted.
        event: String,
        /// How often it may happen.
        limit: i64,
        /// What the rule looks back at.
        window: Window,
    },
    /// The event happened at least `count` times in the window.
    AtLeast {
        /// The event that is counted.
        event: String,
        /// How often it must have happened.
        count: i64,
        /// What the rule looks back at.
        window: Window,
    },
    /// The event did not happen in the last so much of time.
    Cooldown {
        /// The event whose last time counts.
        event: String,
        /// How long to wait after it, in milliseconds, 0 or more.
        millis: i64,
    },
    /// The event happened in the last so much of time.
    Within {
        /// The event that must have happened.
        event: String,
        /// How long ago at most, in milliseconds, 0 or more.
        millis: i64,
    },
    /// The schedule holds.
    During {
        /// When it is allowed.
        schedule: Schedule,
    },
    /// The schedule does not hold.
    OutsideOf {
        /// When it is not allowed.
        schedule: Schedule,
    },
}

/// What happens if a limit allows.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum LimitMode {
    /// Nothing is recorded.
    Check,
    /// The event is recorded in the same step, and written before the answer comes.
    Record,
    /// One event is reserved in the same step.
    Reserve,
}

/// What a limit says.
#[derive(Debug, uniffi::Enum)]
pub enum Decision {
    /// Every rule passes.
    Allowed {
        /// What was reserved, where that was asked for.
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
    /// The place of the rule in the list that was given, 0 for the first.
    pub rule: i32,
    /// What was counted for it; absent for rules that do not count.
    pub count: Option<i64>,
    /// In how many milliseconds it passes if nothing else is recorded; absent when waiting cannot help.
    pub retry_after_millis: Option<i64>,
    /// The rule and the numbers in English, for a log.
    pub text: String,
}

/// How much of a limit is used up.
#[derive(Debug, Clone, uniffi::Record)]
pub struct LimitUsage {
    /// What counts against the limit, pending reservations included.
    pub count: i64,
    /// The limit.
    pub limit: i64,
    /// How much is left.
    pub remaining: i64,
}

/// One event that may happen, held until it is committed or cancelled. It is cancelled when it is let go of.
#[derive(Debug, uniffi::Object)]
pub struct Reservation {
    core: crate::Reservation,
}

#[uniffi::export]
impl Reservation {
    /// The event happened: it is recorded, and written before this returns.
    ///
    /// Fails with `Closed` if the store was shut down, with `InvalidArgument` if the reservation was committed or cancelled before, and nothing
    /// is recorded then; with `Storage` or `Unavailable` if it could not be written, and the event is counted then all the same.
    pub fn commit(&self) -> Result<(), EventStoreError> {
        Ok(self.core.commit_shared()?)
    }

    /// The event did not happen. Does nothing if the reservation was committed or cancelled before.
    pub fn cancel(&self) {
        self.core.cancel_shared();
    }
}

#[uniffi::export]
impl EventStore {
    /// Whether `event` may happen now: whether every rule passes, judged at one instant and in one step with what `mode` does.
    ///
    /// A refusal is an answer. Fails with `InvalidArgument` for a number out of its bounds and for a window that the tracked units cannot span;
    /// with `Unavailable` or `Corrupt` if an event cannot be read; with `Closed`; and, in the mode `Record`, if the event could not be
    /// written: it is counted then all the same.
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

    /// How much is used up of the `AtMost` on `event` that has the least remaining; absent if the event was never recorded.
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
    fn limiter(&self, rules: Vec<Rule>) -> Result<crate::Limiter, EventStoreError> {
        let constraints: Result<Vec<Constraint>, _> = rules.into_iter().map(Constraint::try_from).collect();
        Ok(constraints?.into_iter().fold(self.core.limit(), crate::Limiter::constraint))
    }
}

impl TryFrom<Rule> for Constraint {
    type Error = EventStoreError;

    fn try_from(rule: Rule) -> Result<Self, EventStoreError> {
        Ok(match rule {
            Rule::AtMost { event, limit, window } => {
                Self::at_most(event, checked::count(limit)?, window.try_into()?)
            }
            Rule::AtLeast { event, count, window } => {
                Self::at_least(event, checked::count(count)?, window.try_into()?)
            }
            Rule::Cooldown { event, millis } => {
                Self::Cooldown { event_id: event, duration: checked::length(millis)? }
            }
            Rule::Within { event, millis } => {
                Self::Within { prerequisite_event: event, duration: checked::length(millis)? }
            }
            Rule::During { schedule } => Self::During { schedule: schedule.try_into()? },
            Rule::OutsideOf { schedule } => Self::OutsideOf { schedule: schedule.try_into()? },
        })
    }
}

impl TryFrom<Window> for crate::Window {
    type Error = EventStoreError;

    fn try_from(window: Window) -> Result<Self, EventStoreError> {
        Ok(match window {
            Window::Calendar { count, unit } => {
                Self::Calendar(TimeWindow { count: checked::window(count)?, time_unit: unit.into() })
            }
            Window::Rolling { millis } => Self::Rolling(checked::rolling(millis)?),
        })
    }
}

impl TryFrom<Schedule> for crate::Schedule {
    type Error = EventStoreError;

    fn try_from(schedule: Schedule) -> Result<Self, EventStoreError> {
        Ok(match schedule {
            Schedule::Hours { start, end, local } => checked::hours(start, end, local)?,
            Schedule::Weekdays { local } => Self::Weekdays { use_local_tz: local },
            Schedule::Weekends { local } => Self::Weekends { use_local_tz: local },
        })
    }
}

impl From<&crate::Refusal> for Refusal {
    fn from(refusal: &crate::Refusal) -> Self {
        Refusal {
            rule: checked::place(refusal.place),
            count: refusal.count.map(checked::signed),
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
