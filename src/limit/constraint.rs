//! The public form of a rule.

use std::fmt;

use chrono::Duration;
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::schedule::Schedule;
use super::words::exact;
use crate::time::unit::TimeUnit;
#[cfg(feature = "serde")]
use crate::time::window::deserialize;

/// One condition of a limit. It names the event that it looks at.
///
/// A window has at least one unit or one millisecond, and a duration at least one millisecond. A
/// limit with another one returns `InvalidArgument`, and deserialization rejects it.
///
/// The groups nest at most 4 deep, and have at least one rule.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[non_exhaustive]
pub enum Constraint {
    /// The event happened fewer than `limit` times in the calendar window.
    AtMost {
        /// The event that is counted.
        event_id: String,
        /// The rule passes while the event happened less often than this.
        limit: u32,
        /// How many units, including the current one.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::count"))]
        window_count: usize,
        /// The unit. `Ever` is all time.
        time_unit: TimeUnit,
    },
    /// The event happened at least `count` times in the calendar window.
    AtLeast {
        /// The event that is counted.
        event_id: String,
        /// The least number of times.
        count: u32,
        /// How many units, including the current one.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::count"))]
        window_count: usize,
        /// The unit. `Ever` is all time.
        time_unit: TimeUnit,
    },
    /// The event happened fewer than `limit` times within the last `window`.
    AtMostRolling {
        /// The event that is counted.
        event_id: String,
        /// The rule passes while the event happened less often than this.
        limit: u32,
        /// The length of the window.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::duration"))]
        window: Duration,
    },
    /// The event happened at least `count` times within the last `window`.
    AtLeastRolling {
        /// The event that is counted.
        event_id: String,
        /// The least number of times.
        count: u32,
        /// The length of the window.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::duration"))]
        window: Duration,
    },
    /// The event happened fewer than `limit` times since the latest recording of a marker.
    AtMostSince {
        /// The event that is counted.
        event_id: String,
        /// The rule passes while the event happened less often than this.
        limit: u32,
        /// The event with which the window begins. It must be a marker of the store.
        marker: Box<str>,
    },
    /// The event happened at least `count` times since the latest recording of a marker.
    AtLeastSince {
        /// The event that is counted.
        event_id: String,
        /// The least number of times.
        count: u32,
        /// The event with which the window begins. It must be a marker of the store.
        marker: Box<str>,
    },
    /// The event did not happen within the last `duration`.
    Cooldown {
        /// The event to wait after.
        event_id: String,
        /// How long to wait.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::duration"))]
        duration: Duration,
    },
    /// The event happened within the last `duration`.
    Within {
        /// The event that must have happened.
        prerequisite_event: String,
        /// The longest time since it happened.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::duration"))]
        duration: Duration,
    },
    /// The schedule holds.
    During {
        /// The times at which the rule passes.
        schedule: Schedule,
    },
    /// The schedule does not hold.
    OutsideOf {
        /// The times at which the rule refuses.
        schedule: Schedule,
    },
    /// Every one of the rules passes.
    AllOf {
        /// The rules.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "group::deserialize"))]
        constraints: Vec<Constraint>,
    },
    /// At least one of the rules passes.
    AnyOf {
        /// The rules.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "group::deserialize"))]
        constraints: Vec<Constraint>,
    },
    /// None of the rules passes.
    NoneOf {
        /// The rules.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "group::deserialize"))]
        constraints: Vec<Constraint>,
    },
}

impl Constraint {
    /// The event that the rule looks at; absent for rules about a schedule and for groups.
    pub fn event_id(&self) -> Option<&str> {
        match self {
            Constraint::AtMost { event_id, .. }
            | Constraint::AtLeast { event_id, .. }
            | Constraint::AtMostRolling { event_id, .. }
            | Constraint::AtLeastRolling { event_id, .. }
            | Constraint::AtMostSince { event_id, .. }
            | Constraint::AtLeastSince { event_id, .. }
            | Constraint::Cooldown { event_id, .. } => Some(event_id),
            Constraint::Within { prerequisite_event, .. } => Some(prerequisite_event),
            Constraint::During { .. }
            | Constraint::OutsideOf { .. }
            | Constraint::AllOf { .. }
            | Constraint::AnyOf { .. }
            | Constraint::NoneOf { .. } => None,
        }
    }

    /// The marker with which the window begins; absent for other windows.
    pub fn marker(&self) -> Option<&str> {
        match self {
            Constraint::AtMostSince { marker, .. } | Constraint::AtLeastSince { marker, .. } => Some(marker),
            _ => None,
        }
    }

    /// Whether the rule is about a schedule of the app, which says nothing of later times, or has
    /// such a rule.
    pub(super) fn is_custom(&self) -> bool {
        match self {
            Constraint::During { schedule } | Constraint::OutsideOf { schedule } => schedule.is_custom(),
            _ => self.branches().iter().any(Constraint::is_custom),
        }
    }

    /// The rules of a group; empty for other rules.
    fn branches(&self) -> &[Constraint] {
        match self {
            Constraint::AllOf { constraints }
            | Constraint::AnyOf { constraints }
            | Constraint::NoneOf { constraints } => constraints,
            _ => &[],
        }
    }

    /// How a group combines its rules; empty for other rules.
    pub(super) fn group_words(&self) -> &'static str {
        match self {
            Constraint::AllOf { .. } => "all of",
            Constraint::AnyOf { .. } => "any of",
            Constraint::NoneOf { .. } => "none of",
            _ => "",
        }
    }

    /// Whether the rule compares a count.
    pub(super) fn counts(&self) -> bool {
        matches!(
            self,
            Constraint::AtMost { .. }
                | Constraint::AtLeast { .. }
                | Constraint::AtMostRolling { .. }
                | Constraint::AtLeastRolling { .. }
                | Constraint::AtMostSince { .. }
                | Constraint::AtLeastSince { .. }
        )
    }
}

impl fmt::Display for Constraint {
    /// The rule in words, without the names of its events.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constraint::AtMost { limit, window_count, time_unit, .. } => {
                write!(f, "at most {limit} in {}", calendar(*window_count, *time_unit))
            }
            Constraint::AtLeast { count, window_count, time_unit, .. } => {
                write!(f, "at least {count} in {}", calendar(*window_count, *time_unit))
            }
            Constraint::AtMostRolling { limit, window, .. } => {
                write!(f, "at most {limit} in the last {}", exact(*window))
            }
            Constraint::AtLeastRolling { count, window, .. } => {
                write!(f, "at least {count} in the last {}", exact(*window))
            }
            Constraint::AtMostSince { limit, .. } => write!(f, "at most {limit} since the marker"),
            Constraint::AtLeastSince { count, .. } => write!(f, "at least {count} since the marker"),
            Constraint::Cooldown { duration, .. } => {
                write!(f, "not within {} after the event", exact(*duration))
            }
            Constraint::Within { duration, .. } => {
                write!(f, "only within {} after the event", exact(*duration))
            }
            Constraint::During { schedule } => write!(f, "only {schedule}"),
            Constraint::OutsideOf { schedule } => write!(f, "not {schedule}"),
            Constraint::AllOf { constraints }
            | Constraint::AnyOf { constraints }
            | Constraint::NoneOf { constraints } => {
                write!(f, "{} ({})", self.group_words(), list(constraints))
            }
        }
    }
}

fn list(constraints: &[Constraint]) -> String {
    constraints.iter().map(Constraint::to_string).collect::<Vec<_>>().join("; ")
}

fn calendar(count: usize, unit: TimeUnit) -> String {
    let units = format!("{unit:?}").to_lowercase();
    match (unit, count) {
        (TimeUnit::Ever, _) => "all time".into(),
        (_, 1) => format!("the current {}", units.trim_end_matches('s')),
        _ => format!("{count} calendar {units} up to now"),
    }
}

/// Deserialization of the rules of a group.
#[cfg(feature = "serde")]
mod group {
    use std::cell::Cell;

    use serde::de::{Deserialize, Deserializer, Error};

    use super::Constraint;
    use crate::bounds::MAX_GROUP_DEPTH;
    use crate::limit::Limit;
    use crate::limit::heap_rules::TOO_DEEP;

    thread_local! {
        /// How many groups this thread is inside of.
        static DEPTH: Cell<usize> = const { Cell::new(0) };
    }

    /// One group. Dropping it leaves the group, also if an error or a panic ends it.
    struct Inside;

    impl Drop for Inside {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get().saturating_sub(1));
        }
    }

    /// The rules, if the group has any and groups do not nest too deep. Deeper ones are not read,
    /// because reading is recursive.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Constraint>, D::Error> {
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        let _inside = Inside;
        if depth > MAX_GROUP_DEPTH {
            return Err(D::Error::custom(TOO_DEEP));
        }
        let constraints = Vec::deserialize(from)?;
        let group = Constraint::AllOf { constraints };
        Limit::new().constraint(group.clone()).check().map_err(D::Error::custom)?;
        let Constraint::AllOf { constraints } = group else { return Ok(Vec::new()) };
        Ok(constraints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let week = Constraint::AtMostRolling { event_id: "x".into(), limit: 1, window: Duration::days(7) };
        assert_eq!(week.to_string(), "at most 1 in the last 7 days");
        let (count, window_count, time_unit) = (3, 1, TimeUnit::Days);
        let today = Constraint::AtLeast { event_id: "x".into(), count, window_count, time_unit };
        assert_eq!(today.to_string(), "at least 3 in the current day");
        let since = Constraint::AtLeastSince { event_id: "x".into(), count, marker: "m".into() };
        assert_eq!(since.to_string(), "at least 3 since the marker");
        let (event_id, duration) = ("x".to_owned(), Duration::days(2) + Duration::seconds(1));
        let cooldown = Constraint::Cooldown { event_id: event_id.clone(), duration };
        assert_eq!(cooldown.to_string(), "not within 2 days 1 second after the event");
        let within = Constraint::Within { prerequisite_event: event_id, duration };
        assert_eq!(within.to_string(), "only within 2 days 1 second after the event");
    }
}
