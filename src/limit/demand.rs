//! A constraint apart from the event that it counts.

use chrono::Duration;

use super::constraint::Constraint;
use super::schedule::Schedule;
use crate::time::unit::{TimeWindow, Window};

/// What a limit demands of an event, or of the time of day.
#[derive(Debug, Clone)]
pub(crate) enum Demand {
    AtMost(u32, Window),
    AtLeast(u32, Window),
    Cooldown(Duration),
    Within(Duration),
    During(Schedule),
    OutsideOf(Schedule),
}

/// A demand and its event. The event of a schedule is never looked at.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a> {
    pub(super) event: &'a str,
    pub(super) demand: &'a Demand,
}

impl From<Constraint> for (Option<String>, Demand) {
    fn from(constraint: Constraint) -> Self {
        let calendar = |count, time_unit| Window::Calendar(TimeWindow { count, time_unit });
        let (event, demand) = match constraint {
            Constraint::AtMost { event_id, limit, window_count, time_unit } => {
                (event_id, Demand::AtMost(limit, calendar(window_count, time_unit)))
            }
            Constraint::AtLeast { event_id, count, window_count, time_unit } => {
                (event_id, Demand::AtLeast(count, calendar(window_count, time_unit)))
            }
            Constraint::AtMostRolling { event_id, limit, window } => {
                (event_id, Demand::AtMost(limit, window.into()))
            }
            Constraint::AtLeastRolling { event_id, count, window } => {
                (event_id, Demand::AtLeast(count, window.into()))
            }
            Constraint::Cooldown { event_id, duration } => (event_id, Demand::Cooldown(duration)),
            Constraint::Within { prerequisite_event, duration } => {
                (prerequisite_event, Demand::Within(duration))
            }
            Constraint::During { schedule } => return (None, Demand::During(schedule)),
            Constraint::OutsideOf { schedule } => return (None, Demand::OutsideOf(schedule)),
        };
        (Some(event), demand)
    }
}

impl From<Rule<'_>> for Constraint {
    fn from(Rule { event, demand }: Rule<'_>) -> Constraint {
        let event = || event.to_owned();
        match demand {
            Demand::AtMost(limit, window) => Constraint::at_most(event(), *limit, *window),
            Demand::AtLeast(count, window) => Constraint::at_least(event(), *count, *window),
            Demand::Cooldown(duration) => Constraint::Cooldown { event_id: event(), duration: *duration },
            Demand::Within(duration) => {
                Constraint::Within { prerequisite_event: event(), duration: *duration }
            }
            Demand::During(schedule) => Constraint::During { schedule: schedule.clone() },
            Demand::OutsideOf(schedule) => Constraint::OutsideOf { schedule: schedule.clone() },
        }
    }
}
