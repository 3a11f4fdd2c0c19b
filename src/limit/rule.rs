//! The compact form of a constraint.

use std::sync::Arc;

use chrono::Duration;

use super::constraint::Constraint;
use super::schedule::{EvaluatedSchedule, Schedule};
use crate::error::Result;
use crate::time::unit::TimeUnit;
use crate::time::window::{TimeWindow, Window, check_count, check_millis};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleKind {
    AtMost,
    AtLeast,
    Cooldown,
    Within,
    During,
    OutsideOf,
}

/// One rule of a limit. It is small and `Copy`, because a limit is built anew for each decision.
///
/// `S` says what the rule is about: a `Subject` when the rule is evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<S> {
    pub(crate) kind: RuleKind,
    /// The unit of a calendar window; absent for a rolling window and for a duration.
    pub(crate) unit: Option<TimeUnit>,
    /// The limit of `AtMost`, the count of `AtLeast`.
    pub(crate) threshold: u32,
    /// The number of units of a calendar window. Otherwise the milliseconds of a rolling window, or
    /// those of the duration of `Cooldown` and `Within`.
    pub(crate) amount: i64,
    pub(crate) subject: S,
}

/// What a rule is about.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    Event(&'a str),
    Schedule(&'a EvaluatedSchedule),
}

impl<S> Rule<S> {
    #[inline]
    pub(crate) fn new(kind: RuleKind, threshold: u32, window: Window, subject: S) -> Rule<S> {
        let (unit, amount) = match window {
            Window::Calendar(TimeWindow { count, time_unit }) => {
                (Some(time_unit), i64::try_from(count).unwrap_or(i64::MAX))
            }
            Window::Rolling(duration) => (None, duration.num_milliseconds()),
        };
        Rule { kind, unit, threshold, amount, subject }
    }

    /// The rolling window or the duration.
    fn duration(&self) -> Duration {
        Duration::try_milliseconds(self.amount).unwrap_or(Duration::MAX)
    }

    /// The same rule about something else.
    #[inline]
    pub(crate) fn about<T>(&self, subject: T) -> Rule<T> {
        Rule { kind: self.kind, unit: self.unit, threshold: self.threshold, amount: self.amount, subject }
    }
}

impl<'a> Rule<Subject<'a>> {
    /// Checks the window, the duration or the schedule. A wrong one is a mistake in the rule, so
    /// the limit returns an error and neither passes nor refuses.
    ///
    /// # Errors
    /// `InvalidArgument` for a window of no units, and for a rolling window or a duration of less
    /// than a millisecond; for a schedule as `Schedule::check`.
    #[inline]
    pub(super) fn check(&self) -> Result<()> {
        match (self.subject, self.unit) {
            (Subject::Schedule(evaluated), _) => evaluated.schedule().check(),
            (Subject::Event(_), Some(_)) => check_count(self.amount),
            (Subject::Event(_), None) => check_millis(self.amount),
        }
    }

    #[inline]
    pub(crate) fn is_scheduled(&self) -> bool {
        matches!(self.subject, Subject::Schedule(_))
    }

    /// The event that the rule counts. Rules about a schedule have none.
    #[inline]
    pub(crate) fn event(&self) -> &'a str {
        match self.subject {
            Subject::Event(event) => event,
            Subject::Schedule(_) => "",
        }
    }

    pub(super) fn schedule(&self) -> Option<&'a EvaluatedSchedule> {
        match self.subject {
            Subject::Event(_) => None,
            Subject::Schedule(schedule) => Some(schedule),
        }
    }
}

/// What a constraint is about.
pub(crate) enum OwnedSubject {
    Event(String),
    Schedule(Schedule),
}

impl From<Constraint> for Rule<OwnedSubject> {
    fn from(constraint: Constraint) -> Self {
        use OwnedSubject::{Event, Schedule};
        let calendar = |count, time_unit| Window::Calendar(TimeWindow { count, time_unit });
        let (kind, threshold, window, subject) = match constraint {
            Constraint::AtMost { event_id, limit, window_count, time_unit } => {
                (RuleKind::AtMost, limit, calendar(window_count, time_unit), Event(event_id))
            }
            Constraint::AtLeast { event_id, count, window_count, time_unit } => {
                (RuleKind::AtLeast, count, calendar(window_count, time_unit), Event(event_id))
            }
            Constraint::AtMostRolling { event_id, limit, window } => {
                (RuleKind::AtMost, limit, window.into(), Event(event_id))
            }
            Constraint::AtLeastRolling { event_id, count, window } => {
                (RuleKind::AtLeast, count, window.into(), Event(event_id))
            }
            Constraint::Cooldown { event_id, duration } => {
                (RuleKind::Cooldown, 0, duration.into(), Event(event_id))
            }
            Constraint::Within { prerequisite_event, duration } => {
                (RuleKind::Within, 0, duration.into(), Event(prerequisite_event))
            }
            Constraint::During { schedule } => {
                (RuleKind::During, 0, Duration::zero().into(), Schedule(schedule))
            }
            Constraint::OutsideOf { schedule } => {
                (RuleKind::OutsideOf, 0, Duration::zero().into(), Schedule(schedule))
            }
        };
        Rule::new(kind, threshold, window, subject)
    }
}

impl From<&Rule<Subject<'_>>> for Constraint {
    fn from(rule: &Rule<Subject<'_>>) -> Constraint {
        let event_id = rule.event().to_owned();
        let (limit, count, duration) = (rule.threshold, rule.threshold, rule.duration());
        let window_count = usize::try_from(rule.amount).unwrap_or(usize::MAX);
        match (rule.kind, rule.unit) {
            (RuleKind::AtMost, Some(time_unit)) => {
                Constraint::AtMost { event_id, limit, window_count, time_unit }
            }
            (RuleKind::AtMost, None) => Constraint::AtMostRolling { event_id, limit, window: duration },
            (RuleKind::AtLeast, Some(time_unit)) => {
                Constraint::AtLeast { event_id, count, window_count, time_unit }
            }
            (RuleKind::AtLeast, None) => Constraint::AtLeastRolling { event_id, count, window: duration },
            (RuleKind::Cooldown, _) => Constraint::Cooldown { event_id, duration },
            (RuleKind::Within, _) => Constraint::Within { prerequisite_event: event_id, duration },
            (RuleKind::During, _) => Constraint::During { schedule: owned(rule.subject) },
            (RuleKind::OutsideOf, _) => Constraint::OutsideOf { schedule: owned(rule.subject) },
        }
    }
}

fn owned(subject: Subject<'_>) -> Schedule {
    match subject {
        Subject::Schedule(evaluated) => evaluated.schedule().clone(),
        // A rule about a schedule is built with one. Without it the schedule would never hold, as the
        // verdict says.
        Subject::Event(_) => Schedule::Custom(Arc::new(|_| false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_about_an_event_comes_back_from_its_rule() {
        let (event_id, prerequisite_event) = ("x".to_owned(), "x".to_owned());
        let (limit, count, window_count, time_unit) = (3, 3, 2, TimeUnit::Days);
        let (window, duration) = (Duration::hours(5), Duration::hours(5));
        let id = || event_id.clone();
        for constraint in [
            Constraint::AtMost { event_id: id(), limit, window_count, time_unit },
            Constraint::AtLeast { event_id: id(), count, window_count, time_unit },
            Constraint::AtMostRolling { event_id: id(), limit, window },
            Constraint::AtLeastRolling { event_id: id(), count, window },
            Constraint::Cooldown { event_id: id(), duration },
            Constraint::Within { prerequisite_event, duration },
        ] {
            let rule = Rule::from(constraint.clone());
            let OwnedSubject::Event(name) = &rule.subject else { panic!("a rule about a schedule") };
            let back = Constraint::from(&rule.about(Subject::Event(name)));
            assert_eq!(format!("{back:?}"), format!("{constraint:?}"));
        }
    }
}
