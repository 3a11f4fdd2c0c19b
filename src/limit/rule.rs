//! The compact form of a constraint.

use std::sync::Arc;

use chrono::Duration;

use super::constraint::Constraint;
use super::schedule::Schedule;
use crate::error::{Error, Result};
use crate::time::instant::millis_of;
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
    AllOf,
    AnyOf,
    NoneOf,
}

/// What the amount of a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// The units of a calendar window.
    Units(TimeUnit),
    /// The milliseconds of a rolling window or of a duration.
    Millis,
    /// Nothing: the window begins with a marker.
    Since,
}

/// One rule of a limit. It is small and `Copy`, because a limit is built anew for each decision.
///
/// `S` says what the rule is about: a `Subject` when the rule is evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<S> {
    pub(crate) kind: RuleKind,
    pub(crate) span: Span,
    /// The limit of `AtMost`, the count of `AtLeast`.
    pub(crate) threshold: u32,
    /// How many units or milliseconds, as `span` says.
    pub(crate) amount: i64,
    /// Whether the limit needs that it does not pass, as directly in a none of. What is not known
    /// then makes the rule pass.
    pub(crate) is_inverted: bool,
    pub(crate) subject: S,
}

/// What a rule is about.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    Event(&'a str),
    /// An event since a marker.
    Since {
        event: &'a str,
        marker: &'a str,
    },
    /// A schedule, and its index among those of the limit.
    Schedule(&'a Schedule, u8),
    /// A group of rules: so many nodes follow it that belong to it.
    Group(usize),
}

impl<S> Rule<S> {
    #[inline]
    pub(crate) fn new(kind: RuleKind, threshold: u32, window: Window<'_>, subject: S) -> Rule<S> {
        let (span, amount) = match window {
            Window::Calendar(TimeWindow { count, time_unit }) => {
                (Span::Units(time_unit), i64::try_from(count).unwrap_or(i64::MAX))
            }
            Window::Rolling(duration) => (Span::Millis, millis_of(duration)),
            Window::Since(_) => (Span::Since, 0),
        };
        Rule { kind, span, threshold, amount, is_inverted: false, subject }
    }

    /// A rule without a window.
    pub(super) fn of_kind(kind: RuleKind, subject: S) -> Rule<S> {
        Rule { kind, span: Span::Millis, threshold: 0, amount: 0, is_inverted: false, subject }
    }

    /// The rolling window or the duration.
    fn duration(&self) -> Duration {
        Duration::try_milliseconds(self.amount).unwrap_or(Duration::MAX)
    }

    /// The same rule about something else.
    #[inline]
    pub(crate) fn about<T>(&self, subject: T) -> Rule<T> {
        let Rule { kind, span, threshold, amount, is_inverted, .. } = *self;
        Rule { kind, span, threshold, amount, is_inverted, subject }
    }
}

impl<'a> Rule<Subject<'a>> {
    /// Checks the window, the duration or the schedule. A wrong one is a mistake in the rule, so
    /// the limit returns an error and neither passes nor refuses.
    ///
    /// # Errors
    /// `InvalidArgument` for a window of no units, for a rolling window or a duration of zero or
    /// less, and for a group without rules; for a schedule as `Schedule::check`.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        match (self.subject, self.span) {
            (Subject::Event(_), Span::Units(_)) => check_count(self.amount),
            (Subject::Event(_), Span::Millis) => check_millis(self.amount),
            (Subject::Event(_), Span::Since) | (Subject::Since { .. }, _) => Ok(()),
            (Subject::Schedule(schedule, _), _) => schedule.check(),
            (Subject::Group(0), _) => Err(Error::InvalidArgument(
                "a group of rules needs at least one rule; add one, or leave the group out".into(),
            )),
            (Subject::Group(_), _) => Ok(()),
        }
    }

    /// The event that the rule counts; empty for schedules and groups.
    #[inline]
    pub(crate) fn event(&self) -> &'a str {
        match self.subject {
            Subject::Event(event) | Subject::Since { event, .. } => event,
            Subject::Schedule(..) | Subject::Group(_) => "",
        }
    }

    /// The marker with which the window begins.
    #[inline]
    pub(crate) fn marker(&self) -> Option<&'a str> {
        if let Subject::Since { marker, .. } = self.subject { Some(marker) } else { None }
    }

    pub(super) fn schedule(&self) -> Option<&'a Schedule> {
        match self.subject {
            Subject::Schedule(schedule, _) => Some(schedule),
            Subject::Event(_) | Subject::Since { .. } | Subject::Group(_) => None,
        }
    }

    #[inline]
    pub(crate) fn is_about_event(&self) -> bool {
        matches!(self.subject, Subject::Event(_) | Subject::Since { .. })
    }
}

/// What a constraint is about.
pub(crate) enum OwnedSubject {
    Event(String),
    Since { event: String, marker: Box<str> },
    Schedule(Schedule),
    Group(Vec<Constraint>),
}

impl From<Constraint> for Rule<OwnedSubject> {
    fn from(constraint: Constraint) -> Self {
        use OwnedSubject::{Event, Group, Schedule};
        let group = |kind, constraints| (kind, 0, Duration::zero().into(), Group(constraints));
        let calendar = |count, time_unit| Window::Calendar(TimeWindow { count, time_unit });
        let since = |kind, threshold, event, marker| {
            (kind, threshold, Window::Since(""), OwnedSubject::Since { event, marker })
        };
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
            Constraint::AtMostSince { event_id, limit, marker } => {
                since(RuleKind::AtMost, limit, event_id, marker)
            }
            Constraint::AtLeastSince { event_id, count, marker } => {
                since(RuleKind::AtLeast, count, event_id, marker)
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
            Constraint::AllOf { constraints } => group(RuleKind::AllOf, constraints),
            Constraint::AnyOf { constraints } => group(RuleKind::AnyOf, constraints),
            Constraint::NoneOf { constraints } => group(RuleKind::NoneOf, constraints),
        };
        Rule::new(kind, threshold, window, subject)
    }
}

impl Rule<Subject<'_>> {
    /// The rule in its public form. `constraints` are those of a group.
    pub(super) fn to_constraint(self, constraints: impl FnOnce() -> Vec<Constraint>) -> Constraint {
        let event_id = self.event().to_owned();
        let (limit, count, duration) = (self.threshold, self.threshold, self.duration());
        // All time is always one unit.
        let units = if self.span == Span::Units(TimeUnit::Ever) { self.amount.min(1) } else { self.amount };
        let window_count = usize::try_from(units).unwrap_or(usize::MAX);
        let marker = || Box::from(self.marker().unwrap_or_default());
        match (self.kind, self.span) {
            (RuleKind::AtMost, Span::Units(time_unit)) => {
                Constraint::AtMost { event_id, limit, window_count, time_unit }
            }
            (RuleKind::AtMost, Span::Millis) => {
                Constraint::AtMostRolling { event_id, limit, window: duration }
            }
            (RuleKind::AtMost, Span::Since) => Constraint::AtMostSince { event_id, limit, marker: marker() },
            (RuleKind::AtLeast, Span::Units(time_unit)) => {
                Constraint::AtLeast { event_id, count, window_count, time_unit }
            }
            (RuleKind::AtLeast, Span::Millis) => {
                Constraint::AtLeastRolling { event_id, count, window: duration }
            }
            (RuleKind::AtLeast, Span::Since) => {
                Constraint::AtLeastSince { event_id, count, marker: marker() }
            }
            (RuleKind::Cooldown, _) => Constraint::Cooldown { event_id, duration },
            (RuleKind::Within, _) => Constraint::Within { prerequisite_event: event_id, duration },
            (RuleKind::During, _) => Constraint::During { schedule: owned(self.subject) },
            (RuleKind::OutsideOf, _) => Constraint::OutsideOf { schedule: owned(self.subject) },
            (RuleKind::AllOf, _) => Constraint::AllOf { constraints: constraints() },
            (RuleKind::AnyOf, _) => Constraint::AnyOf { constraints: constraints() },
            (RuleKind::NoneOf, _) => Constraint::NoneOf { constraints: constraints() },
        }
    }
}

fn owned(subject: Subject<'_>) -> Schedule {
    match subject {
        Subject::Schedule(schedule, _) => schedule.clone(),
        // A rule about a schedule is built with one. Without it the schedule would never hold, as the
        // verdict says.
        Subject::Event(_) | Subject::Since { .. } | Subject::Group(_) => {
            Schedule::Custom(Arc::new(|_| false))
        }
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
            Constraint::AtMostSince { event_id: id(), limit, marker: "m".into() },
            Constraint::AtLeastSince { event_id: id(), count, marker: "m".into() },
            Constraint::Cooldown { event_id: id(), duration },
            Constraint::Within { prerequisite_event, duration },
        ] {
            let rule = Rule::from(constraint.clone());
            let subject = match &rule.subject {
                OwnedSubject::Event(name) => Subject::Event(name),
                OwnedSubject::Since { event, marker } => Subject::Since { event, marker },
                _ => panic!("a rule about a schedule"),
            };
            let back = rule.about(subject).to_constraint(Vec::new);
            assert_eq!(back, constraint);
        }
    }
}
