//! Rules of every kind, as data.

use std::sync::Arc;

use chrono::{Duration, NaiveDate, Weekday};
use proptest::prelude::*;
use tiny_counter::{Limit, Schedule, TimeUnit, Window, since};

use crate::common::unit::{DAY, HOUR, MINUTE, Unit};

pub const EVENTS: [&str; 2] = ["x", "y"];

#[derive(Debug, Clone, Copy)]
pub enum Rule {
    AtMost(usize, u32, Span),
    AtLeast(usize, u32, Span),
    Cooldown(usize, i64),
    Within(usize, i64),
    During(Hours),
    OutsideOf(Hours),
}

#[derive(Debug, Clone, Copy)]
pub enum Span {
    Calendar(usize, TimeUnit),
    Rolling(i64),
    /// Since the event `y`, which is a marker.
    Since,
}

#[derive(Debug, Clone, Copy)]
pub enum Hours {
    Daily(u8, u8, bool),
    Minutes(u16, u16, bool),
    Weekdays(bool),
    Weekends(bool),
    Day(u8, bool),
    /// Some days from the beginning of the histories on, and how many.
    Dates(u64, u64, bool),
    Never,
}

impl Rule {
    /// Whether the app decides, so that nothing is known of later instants.
    pub fn is_custom(self) -> bool {
        matches!(self, Rule::During(Hours::Never) | Rule::OutsideOf(Hours::Never))
    }
}

fn length() -> impl Strategy<Value = i64> {
    prop_oneof![
        1..90i64,
        1..2 * HOUR,
        1..80 * HOUR,
        1..60 * DAY,
        1..400 * DAY,
        (1..80i64).prop_map(|n| n * HOUR),
        (1..400i64).prop_map(|n| n * DAY),
        (1..70i64).prop_map(|n| n * MINUTE)
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let unit =
        prop_oneof![8 => (1..7usize).prop_map(|place| Unit::ALL[place].public()), 1 => Just(TimeUnit::Ever)];
    prop_oneof![
        (1..60usize, unit).prop_map(|(n, unit)| Span::Calendar(n, unit)),
        length().prop_map(Span::Rolling),
        Just(Span::Since),
    ]
}

fn hours() -> impl Strategy<Value = Hours> {
    prop_oneof![
        6 => (0..24u8, 0..25u8, any::<bool>()).prop_map(|(from, until, local)| Hours::Daily(from, until, local)),
        4 => (0..1_440u16, 0..1_440u16, any::<bool>())
            .prop_map(|(from, until, local)| Hours::Minutes(from, until, local)),
        2 => (0..7u8, any::<bool>()).prop_map(|(day, local)| Hours::Day(day, local)),
        2 => (0..200u64, 0..40u64, any::<bool>()).prop_map(|(first, days, local)| Hours::Dates(first, days, local)),
        1 => any::<bool>().prop_map(Hours::Weekdays),
        1 => any::<bool>().prop_map(Hours::Weekends),
        1 => Just(Hours::Never),
    ]
}

pub fn rule() -> impl Strategy<Value = Rule> {
    let limit = prop_oneof![3 => 0..4u32, 1 => 0..12u32];
    prop_oneof![
        5 => (0..2usize, limit.clone(), span()).prop_map(|(event, limit, span)| Rule::AtMost(event, limit, span)),
        3 => (0..2usize, limit, span()).prop_map(|(event, count, span)| Rule::AtLeast(event, count, span)),
        2 => (0..2usize, length()).prop_map(|(event, length)| Rule::Cooldown(event, length)),
        2 => (0..2usize, length()).prop_map(|(event, length)| Rule::Within(event, length)),
        2 => hours().prop_map(Rule::During),
        2 => hours().prop_map(Rule::OutsideOf),
    ]
}

impl Rule {
    pub fn add_to(self, limit: Limit) -> Limit {
        let millis = Duration::milliseconds;
        match self {
            Rule::AtMost(event, most, span) => limit.at_most(EVENTS[event], most, span.window()),
            Rule::AtLeast(event, least, span) => limit.at_least(EVENTS[event], least, span.window()),
            Rule::Cooldown(event, length) => limit.cooldown(EVENTS[event], millis(length)),
            Rule::Within(event, length) => limit.within(EVENTS[event], millis(length)),
            Rule::During(hours) => limit.during(hours.schedule()),
            Rule::OutsideOf(hours) => limit.outside_of(hours.schedule()),
        }
    }
}

impl Span {
    fn window(self) -> Window<'static> {
        match self {
            Span::Calendar(n, unit) => (n, unit).into(),
            Span::Rolling(span) => Duration::milliseconds(span).into(),
            Span::Since => since(EVENTS[1]),
        }
    }
}

impl Hours {
    fn schedule(self) -> Schedule {
        match self {
            Hours::Daily(from, until, local) if from < until && local => {
                Schedule::hours_local_tz(from, until).unwrap()
            }
            Hours::Daily(from, until, _) if from < until => Schedule::hours(from, until).unwrap(),
            Hours::Daily(from, until, local) if from > until => {
                Schedule::hours_overnight(from, until, local).unwrap()
            }
            Hours::Daily(..) => Schedule::hours(0, 24).unwrap(),
            Hours::Minutes(from, until, local) => {
                let time = |minute: u16| ((minute / 60) as u8, (minute % 60) as u8);
                let made = if local { Schedule::daily_local_tz } else { Schedule::daily };
                made(time(from), time(until)).unwrap_or(Schedule::hours(0, 24).unwrap())
            }
            Hours::Day(day, local) => {
                let day = [Weekday::try_from(day).unwrap()];
                let made = if local { Schedule::days_of_week_local_tz } else { Schedule::days_of_week };
                made(&day).unwrap()
            }
            Hours::Dates(first, days, local) => {
                let first = NaiveDate::from_ymd_opt(2026, 3, 7).unwrap() + chrono::Days::new(first);
                let last = first + chrono::Days::new(days);
                let made = if local { Schedule::dates_local_tz } else { Schedule::dates };
                made(first, last).unwrap()
            }
            Hours::Weekdays(true) => Schedule::weekdays_local_tz(),
            Hours::Weekdays(false) => Schedule::weekdays(),
            Hours::Weekends(true) => Schedule::weekends_local_tz(),
            Hours::Weekends(false) => Schedule::weekends(),
            Hours::Never => Schedule::Custom(Arc::new(|_| false)),
        }
    }
}
