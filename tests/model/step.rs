//! What can happen in a random life.

use proptest::prelude::*;

use crate::common::phone::{DEFAULT_UNITS, NARROW_UNITS, WIDE_UNITS};
use crate::common::unit::{DAY, HOUR, MINUTE, SECOND, Unit};

/// Tracked units.
pub type Setting = &'static [(Unit, usize)];

/// Long windows, short windows, and some without all units.
pub const SETTINGS: [Setting; 6] = [
    &DEFAULT_UNITS,
    &WIDE_UNITS,
    &[(Unit::Hours, 30), (Unit::Days, 31), (Unit::Months, 30)],
    &NARROW_UNITS,
    &[(Unit::Minutes, 2), (Unit::Days, 7)],
    &[(Unit::Seconds, 3), (Unit::Weeks, 2), (Unit::Years, 1)],
];

/// One step. Times are in milliseconds; events, zones and settings are indices.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Record { event: usize, count: u32 },
    Past { event: usize, count: u32, ago: i64 },
    Future { event: usize, ahead: i64 },
    Wait(i64),
    ClockBack(i64),
    FlatBattery,
    Fly(usize),
    Persist,
    Reopen(usize),
    Compact,
    Decide { event: usize, salt: usize },
    Reserve { event: usize, happens: bool },
    Ask(usize),
}

fn span() -> impl Strategy<Value = i64> {
    prop_oneof![
        0..3 * SECOND,
        0..3 * MINUTE,
        0..20 * MINUTE,
        0..5 * HOUR,
        0..3 * DAY,
        0..60 * DAY,
        // Whole units, which reach the edges of buckets.
        (0..50i64).prop_map(|n| n * HOUR),
        (0..9i64).prop_map(|n| n * 7 * DAY),
    ]
}

/// How far a clock can be wrong.
fn wrong() -> impl Strategy<Value = i64> {
    prop_oneof![
        0..15 * MINUTE + 2,
        Just(15 * MINUTE),
        0..6 * HOUR,
        0..3 * DAY,
        Just(60 * DAY),
        Just(3_652 * DAY)
    ]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![8 => Just(1u32), 4 => 2..9u32, 1 => Just(0u32), 1 => Just(u32::MAX)]
}

pub fn step(settings: std::ops::Range<usize>) -> impl Strategy<Value = Step> {
    let event = 0..3usize;
    prop_oneof![
        8 => (event.clone(), count()).prop_map(|(event, count)| Step::Record { event, count }),
        4 => (event.clone(), count(), span()).prop_map(|(event, count, ago)| Step::Past { event, count, ago }),
        1 => (event.clone(), 1..2 * MINUTE).prop_map(|(event, ahead)| Step::Future { event, ahead }),
        8 => span().prop_map(Step::Wait),
        1 => wrong().prop_map(Step::Wait),
        2 => wrong().prop_map(Step::ClockBack),
        1 => Just(Step::FlatBattery),
        2 => (0..9usize).prop_map(Step::Fly),
        1 => Just(Step::Persist),
        2 => settings.prop_map(Step::Reopen),
        1 => Just(Step::Compact),
        2 => (event.clone(), any::<u16>()).prop_map(|(event, salt)| Step::Decide { event, salt: salt.into() }),
        1 => (event, any::<bool>()).prop_map(|(event, happens)| Step::Reserve { event, happens }),
        4 => any::<u16>().prop_map(|salt| Step::Ask(salt.into())),
    ]
}
