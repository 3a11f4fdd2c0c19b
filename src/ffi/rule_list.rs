//! The rules of a limit that was read, as the flat list of `rule.rs`.

use super::checked;
use super::error::EventStoreError;
use super::rule::{Limit, Rule, Window};
use crate::Constraint;

impl TryFrom<crate::Limit> for Limit {
    type Error = EventStoreError;

    fn try_from(limit: crate::Limit) -> Result<Self, EventStoreError> {
        let also_record = limit.also_recorded().map(str::to_owned).collect();
        Ok(Limit { rules: list(limit.constraints())?, also_record })
    }
}

/// The rules one after the other, each followed by those that belong to it.
fn list(constraints: Vec<Constraint>) -> Result<Vec<Rule>, EventStoreError> {
    let rules: Result<Vec<_>, _> = constraints.into_iter().map(with_its_rules).collect();
    Ok(rules?.concat())
}

fn with_its_rules(constraint: Constraint) -> Result<Vec<Rule>, EventStoreError> {
    let rule = match constraint {
        Constraint::AtMost { event_id: event, limit, window_count, time_unit } => {
            let window = Window::Calendar { count: checked::signed(window_count), unit: time_unit.into() };
            Rule::AtMost { event, limit: limit.into(), window }
        }
        Constraint::AtLeast { event_id: event, count, window_count, time_unit } => {
            let window = Window::Calendar { count: checked::signed(window_count), unit: time_unit.into() };
            Rule::AtLeast { event, count: count.into(), window }
        }
        Constraint::AtMostRolling { event_id: event, limit, window } => {
            let window = Window::Rolling { millis: window.num_milliseconds() };
            Rule::AtMost { event, limit: limit.into(), window }
        }
        Constraint::AtLeastRolling { event_id: event, count, window } => {
            let window = Window::Rolling { millis: window.num_milliseconds() };
            Rule::AtLeast { event, count: count.into(), window }
        }
        Constraint::AtMostSince { event_id: event, limit, marker } => {
            Rule::AtMost { event, limit: limit.into(), window: Window::Since { marker: marker.into() } }
        }
        Constraint::AtLeastSince { event_id: event, count, marker } => {
            Rule::AtLeast { event, count: count.into(), window: Window::Since { marker: marker.into() } }
        }
        Constraint::Cooldown { event_id: event, duration } => {
            Rule::Cooldown { event, millis: duration.num_milliseconds() }
        }
        Constraint::Within { prerequisite_event: event, duration } => {
            Rule::Within { event, millis: duration.num_milliseconds() }
        }
        Constraint::During { schedule } => Rule::During { schedule: schedule.try_into()? },
        Constraint::OutsideOf { schedule } => Rule::OutsideOf { schedule: schedule.try_into()? },
        Constraint::AllOf { constraints } => return group(|rules| Rule::AllOf { rules }, constraints),
        Constraint::AnyOf { constraints } => return group(|rules| Rule::AnyOf { rules }, constraints),
        Constraint::NoneOf { constraints } => return group(|rules| Rule::NoneOf { rules }, constraints),
    };
    Ok(vec![rule])
}

fn group(rule: fn(i32) -> Rule, constraints: Vec<Constraint>) -> Result<Vec<Rule>, EventStoreError> {
    let begin = rule(checked::small(constraints.len()));
    Ok([vec![begin], list(constraints)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> crate::Limit {
        let path = format!("{}/tests/fixtures/rules/{name}.json", env!("CARGO_MANIFEST_DIR"));
        crate::Limit::from_json(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn a_limit_comes_back_from_its_list() {
        let kinds = "{\"version\":1,\"all\":[{\"during\":{\"from\":\"18:00\",\"until\":\"00:00\"}}]}";
        let by_hour = crate::Limit::new()
            .during(crate::Schedule::hours_overnight(22, 6, true).unwrap())
            .during(crate::Schedule::weekdays())
            .outside_of(crate::Schedule::weekends_local_tz());
        let since =
            crate::Limit::new().at_most("a", 1, crate::since("m")).at_least("b", 3, crate::since_session());
        let limits = [
            fixture("every_rule"),
            fixture("groups"),
            since,
            crate::Limit::from_json(kinds).unwrap(),
            by_hour,
        ];
        for limit in limits {
            let list = Limit::try_from(limit.clone()).unwrap();
            assert!(!list.rules.is_empty());
            assert_eq!(crate::Limit::try_from(list).unwrap(), limit);
        }
    }

    #[test]
    fn a_schedule_of_the_app_is_an_error() {
        let custom = crate::Schedule::Custom(std::sync::Arc::new(|_| true));
        let error = Limit::try_from(crate::Limit::new().during(custom)).unwrap_err();
        assert!(matches!(error, EventStoreError::InvalidArgument { .. }), "{error}");
    }
}
