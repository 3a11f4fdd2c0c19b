//! The rules of limits.
//!
//! The rules of a limit are one flat list, in which a group stands before the rules that belong to
//! it. So no value contains itself, and reading one needs no recursion.

use super::checked;
use super::error::EventStoreError;
use super::schedule::Schedule;
use super::types::TimeUnit;
use crate::Constraint;

/// The time that a rule looks back over.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Window {
    /// Calendar units, the current one included: one day is today.
    Calendar {
        /// How many units, 1 or more.
        count: i64,
        /// The unit. `Ever` is all time; the number, 1 or more, is ignored.
        unit: TimeUnit,
    },
    /// The last `millis` milliseconds. If the window begins inside a bucket, the whole bucket
    /// counts for `AtMost` and does not count for `AtLeast`. With a limit or count of 1 the window
    /// is exact to the millisecond.
    Rolling {
        /// The length in milliseconds: 1 or more, at most 10,000 years.
        millis: i64,
    },
    /// The time strictly after the latest recording of a marker: all time if it never happened. The
    /// count is exact if this device recorded the marker last, as it happened, and only this device
    /// counted the event. Otherwise `AtMost` takes the greatest possible count and `AtLeast` the
    /// least one. If the event is not a marker of the store, the limit fails with
    /// `InvalidArgument`.
    Since {
        /// The marker.
        marker: String,
    },
}

/// One condition of a limit. It names the event that it looks at. A group is followed by the rules
/// that belong to it, each with what belongs to that rule.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Rule {
    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    AtMost {
        /// The event that is counted.
        event: String,
        /// How often it may happen, 0 to 4,294,967,295.
        limit: i64,
        /// The time that the rule looks back over.
        window: Window,
    },
    /// The event happened at least `count` times in the window.
    AtLeast {
        /// The event that is counted.
        event: String,
        /// How often it must have happened, 0 to 4,294,967,295.
        count: i64,
        /// The time that the rule looks back over.
        window: Window,
    },
    /// The event did not happen within the last `millis` milliseconds. Pending reservations count.
    Cooldown {
        /// The event that must not have happened.
        event: String,
        /// The duration in milliseconds: 1 or more, at most 10,000 years.
        millis: i64,
    },
    /// The event happened within the last `millis` milliseconds.
    Within {
        /// The event that must have happened.
        event: String,
        /// The duration in milliseconds: 1 or more, at most 10,000 years.
        millis: i64,
    },
    /// Now is a time of the schedule.
    During {
        /// The times at which the rule passes.
        schedule: Schedule,
    },
    /// Now is not a time of the schedule.
    OutsideOf {
        /// The times at which the rule does not pass.
        schedule: Schedule,
    },
    /// All rules of the group pass.
    AllOf {
        /// How many rules belong to the group, 1 or more.
        rules: i32,
    },
    /// At least one rule of the group passes.
    AnyOf {
        /// How many rules belong to the group, 1 or more.
        rules: i32,
    },
    /// No rule of the group passes. Inside, what is not certain counts for passing, so that the
    /// group does not pass by mistake.
    NoneOf {
        /// How many rules belong to the group, 1 or more.
        rules: i32,
    },
}

/// Rules that must all pass, and what is recorded with the event of the decision.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Limit {
    /// The rules. A group is followed by the rules that belong to it.
    pub rules: Vec<Rule>,
    /// The events that are recorded once in the same step whenever the limit records an event, and
    /// that a reservation reserves too: at most 8, all different.
    pub also_record: Vec<String>,
}

impl TryFrom<Limit> for crate::Limit {
    type Error = EventStoreError;

    /// Reads the list from its end, so a group finds its rules complete.
    fn try_from(Limit { rules, also_record }: Limit) -> Result<Self, EventStoreError> {
        checked::flat_rules(rules.len())?;
        let backwards = rules.into_iter().rev().try_fold(Vec::new(), |mut later, rule| {
            let constraint = rule.constraint(&mut later)?;
            later.push(constraint);
            Ok::<_, EventStoreError>(later)
        })?;
        let limit = Self::of(backwards.into_iter().rev())?;
        Ok(also_record.into_iter().fold(limit, Self::also_record))
    }
}

impl Rule {
    /// The rule. `later` are the rules after it, the last one first. A group takes its rules out of
    /// them.
    fn constraint(self, later: &mut Vec<Constraint>) -> Result<Constraint, EventStoreError> {
        Ok(match self {
            Rule::AtMost { event: event_id, limit, window: Window::Calendar { count, unit } } => {
                let (limit, window_count) = (checked::count(limit)?, checked::window(count)?);
                Constraint::AtMost { event_id, limit, window_count, time_unit: unit.into() }
            }
            Rule::AtMost { event: event_id, limit, window: Window::Rolling { millis } } => {
                let (limit, window) = (checked::count(limit)?, checked::span(millis)?);
                Constraint::AtMostRolling { event_id, limit, window }
            }
            Rule::AtMost { event: event_id, limit, window: Window::Since { marker } } => {
                Constraint::AtMostSince { event_id, limit: checked::count(limit)?, marker: marker.into() }
            }
            Rule::AtLeast { event: event_id, count, window: Window::Since { marker } } => {
                Constraint::AtLeastSince { event_id, count: checked::count(count)?, marker: marker.into() }
            }
            Rule::AtLeast { event: event_id, count, window: Window::Calendar { count: units, unit } } => {
                let (count, window_count) = (checked::count(count)?, checked::window(units)?);
                Constraint::AtLeast { event_id, count, window_count, time_unit: unit.into() }
            }
            Rule::AtLeast { event: event_id, count, window: Window::Rolling { millis } } => {
                let (count, window) = (checked::count(count)?, checked::span(millis)?);
                Constraint::AtLeastRolling { event_id, count, window }
            }
            Rule::Cooldown { event: event_id, millis } => {
                Constraint::Cooldown { event_id, duration: checked::span(millis)? }
            }
            Rule::Within { event: prerequisite_event, millis } => {
                Constraint::Within { prerequisite_event, duration: checked::span(millis)? }
            }
            Rule::During { schedule } => Constraint::During { schedule: schedule.try_into()? },
            Rule::OutsideOf { schedule } => Constraint::OutsideOf { schedule: schedule.try_into()? },
            Rule::AllOf { rules } => Constraint::AllOf { constraints: checked::group(rules, later)? },
            Rule::AnyOf { rules } => Constraint::AnyOf { constraints: checked::group(rules, later)? },
            Rule::NoneOf { rules } => Constraint::NoneOf { constraints: checked::group(rules, later)? },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TimeUnit::Days;
    use chrono::Duration;

    fn at_most(event: &str) -> Rule {
        let window = Window::Calendar { count: 1, unit: TimeUnit::Days };
        Rule::AtMost { event: event.to_owned(), limit: 1, window }
    }

    fn limit(rules: Vec<Rule>, also_record: Vec<String>) -> Result<crate::Limit, EventStoreError> {
        Limit { rules, also_record }.try_into()
    }

    fn one(event: &str) -> crate::Limit {
        crate::Limit::new().at_most(event, 1, Days)
    }

    #[test]
    fn a_flat_list_becomes_the_groups_that_it_describes() {
        let within = Rule::Within { event: "d".into(), millis: 1_000 };
        let flat = vec![
            at_most("a"),
            Rule::AnyOf { rules: 3 },
            at_most("b"),
            Rule::AllOf { rules: 2 },
            at_most("c"),
            within,
            Rule::NoneOf { rules: 1 },
            at_most("e"),
            at_most("f"),
        ];
        let all = one("c").within("d", Duration::seconds(1));
        let wanted =
            one("a").any_of([one("b"), all, crate::Limit::new().none_of([one("e")])]).at_most("f", 1, Days);
        assert_eq!(limit(flat, Vec::new()).unwrap(), wanted);
        assert_eq!(limit(vec![at_most("a")], vec!["x".into()]).unwrap(), one("a").also_record("x"));
    }

    #[test]
    fn a_window_since_a_marker_names_it() {
        let window = || Window::Since { marker: "m".into() };
        let flat = vec![
            Rule::AtMost { event: "a".into(), limit: 2, window: window() },
            Rule::AtLeast { event: "b".into(), count: 3, window: window() },
        ];
        let wanted =
            crate::Limit::new().at_most("a", 2, crate::since("m")).at_least("b", 3, crate::since("m"));
        assert_eq!(limit(flat, Vec::new()).unwrap(), wanted);
        let below = Rule::AtMost { event: "a".into(), limit: -1, window: window() };
        assert!(limit(vec![below], Vec::new()).is_err());
    }

    #[test]
    fn a_group_without_its_rules_is_an_error() {
        for rules in [0, 2, -1, i32::MAX, i32::MIN] {
            for group in [Rule::AllOf { rules }, Rule::AnyOf { rules }, Rule::NoneOf { rules }] {
                let error = limit(vec![group, at_most("a")], Vec::new()).unwrap_err();
                assert!(matches!(error, EventStoreError::InvalidArgument { .. }), "{rules}: {error}");
            }
        }
    }

    #[test]
    fn a_list_of_any_length_and_depth_is_an_error_and_no_crash() {
        let mut deep = vec![Rule::AnyOf { rules: 1 }; 4];
        deep.push(at_most("a"));
        assert!(limit(deep.clone(), Vec::new()).is_ok());
        for more in [1, 100, 1_000_000] {
            let mut deeper = vec![Rule::AnyOf { rules: 1 }; more];
            deeper.extend(deep.clone());
            assert!(limit(deeper, Vec::new()).is_err(), "{more}");
        }
        assert!(limit(vec![at_most("a"); 65], Vec::new()).is_err());
        let mut most = Vec::new();
        for _ in 0..64 {
            most.extend(deep.clone());
        }
        assert!(limit(most, Vec::new()).is_ok());
    }
}
