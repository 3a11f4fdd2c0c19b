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

/// What can go wrong in a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: the clock is right and the tracked units stay. There are flights and restarts.
    Right,
    /// The clock is set wrong and right again. It is ahead of the true time, or behind it if the
    /// store shifts what it recorded then.
    Corrected,
    /// The clock does anything.
    Wrong,
    /// The tracked units change, and the clock may be ahead.
    Changing,
}

/// One step. Times are in milliseconds; events, zones and settings are indices.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Record {
        event: usize,
        count: u32,
    },
    Past {
        event: usize,
        count: u32,
        ago: i64,
    },
    /// An app that knows the true time records with it.
    TruePast {
        event: usize,
        ago: i64,
    },
    Future {
        event: usize,
        ahead: i64,
    },
    Wait(i64),
    /// The clock is set, so that it is ahead of the true time by this.
    Correct(i64),
    /// The clock is ahead by this, the event is recorded and all is persisted on three dates, which
    /// takes no time.
    ThreeDatesAhead {
        event: usize,
        error: i64,
    },
    ClockForward(i64),
    ClockBack(i64),
    FlatBattery,
    Fly(usize),
    Persist,
    Restart,
    Reopen(usize),
    Compact,
    Decide {
        event: usize,
        salt: usize,
    },
    Reserve {
        event: usize,
        happens: bool,
    },
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

/// A step of any life.
fn usual() -> impl Strategy<Value = Step> {
    let event = 0..3usize;
    prop_oneof![
        8 => (event.clone(), count()).prop_map(|(event, count)| Step::Record { event, count }),
        4 => (event.clone(), count(), span()).prop_map(|(event, count, ago)| Step::Past { event, count, ago }),
        1 => (event.clone(), 1..2 * MINUTE).prop_map(|(event, ahead)| Step::Future { event, ahead }),
        8 => span().prop_map(Step::Wait),
        2 => (0..9usize).prop_map(Step::Fly),
        1 => Just(Step::Persist),
        1 => Just(Step::Restart),
        1 => Just(Step::Compact),
        2 => (event.clone(), any::<u16>()).prop_map(|(event, salt)| Step::Decide { event, salt: salt.into() }),
        1 => (event, any::<bool>()).prop_map(|(event, happens)| Step::Reserve { event, happens }),
        5 => any::<u16>().prop_map(|salt| Step::Ask(salt.into())),
    ]
}

fn corrected() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => wrong().prop_map(Step::Correct),
        1 => wrong().prop_map(|error| Step::Correct(-error)),
        3 => Just(Step::Correct(0)),
        1 => (0..3usize, wrong()).prop_map(|(event, error)| Step::ThreeDatesAhead { event, error }),
        1 => (0..3usize, span()).prop_map(|(event, ago)| Step::TruePast { event, ago }),
    ]
}

pub fn step(kind: Kind) -> BoxedStrategy<Step> {
    match kind {
        Kind::Right => usual().boxed(),
        Kind::Corrected => prop_oneof![5 => usual(), 1 => corrected()].boxed(),
        Kind::Changing => {
            let reopen = || (0..SETTINGS.len()).prop_map(Step::Reopen);
            prop_oneof![12 => usual(), 2 => reopen(), 1 => corrected()].boxed()
        }
        Kind::Wrong => {
            let any_clock = prop_oneof![
                2 => wrong().prop_map(Step::ClockForward),
                3 => wrong().prop_map(Step::ClockBack),
                1 => Just(Step::FlatBattery),
            ];
            prop_oneof![9 => usual(), 1 => any_clock].boxed()
        }
    }
}
