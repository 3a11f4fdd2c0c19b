//! Random lives of a phone: recordings of now and of the past, trips, restarts, clocks that go wrong
//! and other settings, and every query and every limit in between. With `TINY_COUNTER_LONG` there
//! are more than 100,000 lives.

use std::sync::Mutex;

use proptest::prelude::*;

use super::common::phone::Home;
use super::life::{Compared, Life};
use super::property::{cases, check};
use super::step::{self, Kind, SETTINGS, Step};
use crate::common::unit::{DAY, HOUR};

/// Runs random lives, and asserts that enough answers were compared.
fn live(cases: u32, kind: Kind, home: impl Fn() -> Home) {
    let sum = Mutex::new(Compared::default());
    let steps = prop::collection::vec(step::step(kind), 1..28);
    check(cases, (0..SETTINGS.len(), steps), |(setting, steps)| {
        let compared = Life::begin(SETTINGS[setting], home()).through(&steps);
        let mut sum = sum.lock().unwrap();
        sum.verdicts += compared.verdicts;
        sum.events += compared.events;
        sum.truths += compared.truths;
        sum.waits += compared.waits;
        1
    });
    let compared = sum.into_inner().unwrap();
    if cases < 50 {
        return; // Too few lives for a sum that can be relied on.
    }
    let enough = |factor: usize| cases as usize * factor;
    assert!(compared.verdicts > enough(10), "{compared:?}");
    assert!(compared.truths > enough(10), "{compared:?}");
    assert!(compared.waits > enough(2), "{compared:?}");
    assert!(kind == Kind::Changing || compared.events > cases as usize, "{compared:?}");
}

#[test]
fn a_phone_with_a_right_clock_agrees_with_the_model_and_states_tight_bounds() {
    live(cases(250, 30_000), Kind::Right, || Home::Nowhere);
}

#[test]
fn a_phone_whose_clock_is_set_right_again_opens_no_limit() {
    live(cases(250, 30_000), Kind::Corrected, || Home::Nowhere);
}

#[test]
fn a_recording_after_a_step_is_the_last_one_although_the_clock_nearly_caught_up() {
    let steps = [Step::Correct(-2_171), Step::Ask(3), Step::Wait(1_171), Step::Record { event: 0, count: 1 }];
    Life::begin(SETTINGS[0], Home::Nowhere).through(&steps);
}

#[test]
fn small_jumps_under_a_large_step_open_no_limit() {
    use Step::Correct;
    let steps = [
        Correct(1_689_524),
        Correct(677_327),
        Step::Record { event: 0, count: 1 },
        Correct(900_001),
        Correct(0),
        Step::Fly(0),
    ];
    Life::begin(SETTINGS[0], Home::Nowhere).through(&steps);
}

#[test]
fn a_limit_refuses_what_the_upper_bound_counts_after_the_clock_went_back_often() {
    use Step::{Correct, ThreeDatesAhead};
    let record = |event| Step::Record { event, count: 1 };
    let steps = [
        ThreeDatesAhead { event: 0, error: 4 * HOUR },
        ThreeDatesAhead { event: 1, error: 0 },
        Correct(60 * DAY),
        record(1),
        ThreeDatesAhead { event: 0, error: 0 },
        record(1),
        Correct(0),
        record(1),
        Step::Wait(9 * DAY),
        Step::Ask(3),
        Step::Ask(4),
    ];
    Life::begin(SETTINGS[0], Home::Nowhere).through(&steps);
}

#[test]
fn a_phone_agrees_with_the_model_whatever_its_clock_does() {
    live(cases(150, 20_000), Kind::Wrong, || Home::Nowhere);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod with_a_storage {
    use super::*;

    #[test]
    fn a_phone_that_stores_one_value_per_event_agrees_with_the_model_after_restarts() {
        live(cases(60, 10_000), Kind::Wrong, Home::shared);
        live(cases(60, 10_000), Kind::Right, Home::shared);
    }

    #[test]
    fn a_phone_whose_clock_was_ahead_opens_no_limit_after_restarts() {
        live(cases(150, 20_000), Kind::Corrected, Home::shared);
    }

    #[test]
    fn a_phone_whose_tracked_units_change_opens_no_limit() {
        live(cases(150, 20_000), Kind::Changing, Home::shared);
    }
}

#[test]
fn a_phone_with_a_log_agrees_with_the_model_after_restarts() {
    live(cases(15, 4_000), Kind::Right, Home::log);
    live(cases(15, 4_000), Kind::Changing, Home::log);
}
