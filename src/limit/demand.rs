//! A constraint apart from the event that it counts.

use chrono::Duration;

use super::constraint::Constraint;
use super::schedule::Schedule;
use crate::time::unit::{TimeUnit, TimeWindow, Window};
use crate::time::zone::Zone;

/// What a limit demands of an event, or of the time of day. Flat, for a limit is made anew for each decision: what is moved piece by piece stays in
/// registers, and there is nothing to drop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    pub(super) kind: Kind,
    /// What it may at most, or must at least, be counted.
    pub(super) bound: u32,
    /// The calendar window: as many of the unit.
    pub(super) count: usize,
    pub(super) unit: TimeUnit,
    /// The rolling window, or the wait.
    pub(super) span: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AtMost,
    AtMostRolling,
    AtLeast,
    AtLeastRolling,
    Cooldown,
    Within,
    During,
    OutsideOf,
}

/// A demand and what it is about.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a> {
    /// Empty for a schedule, and never looked at then.
    pub(super) event: &'a str,
    pub(super) schedule: Option<&'a Asked>,
    pub(super) demand: &'a Demand,
}

/// A schedule, and what the app's own one said. That is asked before the lock, for it may do anything there.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(super) schedule: Schedule,
    said: Option<bool>,
}

impl Asked {
    pub(super) fn new(schedule: Schedule) -> Asked {
        Asked { schedule, said: None }
    }

    pub(super) fn ask(&mut self, now: i64) {
        self.said = self.schedule.own_word(now);
    }

    pub(super) fn holds(&self, at: i64, zone: &Zone) -> bool {
        self.said.unwrap_or_else(|| self.schedule.holds(at, zone))
    }
}

/// What a demand is about.
pub(super) enum Subject {
    Event(String),
    Schedule(Schedule),
}

impl Demand {
    #[inline]
    fn new(kind: Kind, span: Duration) -> Demand {
        Demand { kind, bound: 0, count: 0, unit: TimeUnit::Ever, span }
    }

    #[inline]
    pub(super) fn at_most(bound: u32, window: Window) -> Demand {
        Demand::counted(Kind::AtMost, Kind::AtMostRolling, bound, window)
    }

    #[inline]
    pub(super) fn at_least(bound: u32, window: Window) -> Demand {
        Demand::counted(Kind::AtLeast, Kind::AtLeastRolling, bound, window)
    }

    #[inline]
    fn counted(calendar: Kind, rolling: Kind, bound: u32, window: Window) -> Demand {
        match window {
            Window::Calendar(TimeWindow { count, time_unit: unit }) => {
                Demand { bound, count, unit, ..Demand::new(calendar, Duration::zero()) }
            }
            Window::Rolling(span) => Demand { bound, ..Demand::new(rolling, span) },
        }
    }

    #[inline]
    pub(super) fn cooldown(span: Duration) -> Demand {
        Demand::new(Kind::Cooldown, span)
    }

    #[inline]
    pub(super) fn within(span: Duration) -> Demand {
        Demand::new(Kind::Within, span)
    }

    pub(super) fn during() -> Demand {
        Demand::new(Kind::During, Duration::zero())
    }

    pub(super) fn outside_of() -> Demand {
        Demand::new(Kind::OutsideOf, Duration::zero())
    }

    /// Whether it is about a schedule rather than an event.
    #[inline]
    pub(super) fn is_of_schedule(&self) -> bool {
        matches!(self.kind, Kind::During | Kind::OutsideOf)
    }

    pub(super) fn is_at_most(&self) -> bool {
        matches!(self.kind, Kind::AtMost | Kind::AtMostRolling)
    }

    /// The rolling window, or the wait, in milliseconds.
    #[inline]
    pub(super) fn millis(&self) -> i64 {
        self.span.num_milliseconds()
    }
}

impl From<Constraint> for (Subject, Demand) {
    fn from(constraint: Constraint) -> Self {
        let calendar = |count, time_unit| Window::Calendar(TimeWindow { count, time_unit });
        let (event, demand) = match constraint {
            Constraint::AtMost { event_id, limit, window_count, time_unit } => {
                (event_id, Demand::at_most(limit, calendar(window_count, time_unit)))
            }
            Constraint::AtLeast { event_id, count, window_count, time_unit } => {
                (event_id, Demand::at_least(count, calendar(window_count, time_unit)))
            }
            Constraint::AtMostRolling { event_id, limit, window } => {
                (event_id, Demand::at_most(limit, window.into()))
            }
            Constraint::AtLeastRolling { event_id, count, window } => {
                (event_id, Demand::at_least(count, window.into()))
            }
            Constraint::Cooldown { event_id, duration } => (event_id, Demand::cooldown(duration)),
            Constraint::Within { prerequisite_event, duration } => {
                (prerequisite_event, Demand::within(duration))
            }
            Constraint::During { schedule } => return (Subject::Schedule(schedule), Demand::during()),
            Constraint::OutsideOf { schedule } => return (Subject::Schedule(schedule), Demand::outside_of()),
        };
        (Subject::Event(event), demand)
    }
}

impl From<Rule<'_>> for Constraint {
    fn from(Rule { event, schedule, demand }: Rule<'_>) -> Constraint {
        let event_id = || event.to_owned();
        let schedule = || match schedule {
            Some(asked) => asked.schedule.clone(),
            None => Schedule::Weekdays { use_local_tz: false },
        };
        let (bound, window_count, time_unit) = (demand.bound, demand.count, demand.unit);
        match demand.kind {
            Kind::AtMost => {
                Constraint::AtMost { event_id: event_id(), limit: bound, window_count, time_unit }
            }
            Kind::AtLeast => {
                Constraint::AtLeast { event_id: event_id(), count: bound, window_count, time_unit }
            }
            Kind::AtMostRolling => {
                Constraint::AtMostRolling { event_id: event_id(), limit: bound, window: demand.span }
            }
            Kind::AtLeastRolling => {
                Constraint::AtLeastRolling { event_id: event_id(), count: bound, window: demand.span }
            }
            Kind::Cooldown => Constraint::Cooldown { event_id: event_id(), duration: demand.span },
            Kind::Within => Constraint::Within { prerequisite_event: event_id(), duration: demand.span },
            Kind::During => Constraint::During { schedule: schedule() },
            Kind::OutsideOf => Constraint::OutsideOf { schedule: schedule() },
        }
    }
}
