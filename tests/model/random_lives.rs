//! Random lives of a phone: recordings of now and of the past, clocks that go wrong in both
//! directions, trips, other settings, restarts, and every query and every limit in between. With
//! `TINY_COUNTER_LONG` there are more than 100,000 lives.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::common::phone::Home;
use super::life::Life;
use super::property::{cases, check};
use super::step::{self, SETTINGS};

/// Runs random lives under some of the settings, and asserts that enough answers were compared.
fn live(cases: u32, settings: Range<usize>, home: impl Fn() -> Home) {
    let (verdicts, events) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let steps = prop::collection::vec(step::step(settings.clone()), 1..28);
    check(cases, (settings, steps), |(setting, steps)| {
        let compared = Life::begin(SETTINGS[setting], home()).through(&steps);
        verdicts.fetch_add(compared.verdicts, Ordering::Relaxed);
        events.fetch_add(compared.events, Ordering::Relaxed)
    });
    let (verdicts, events) = (verdicts.into_inner(), events.into_inner());
    assert!(verdicts > cases as usize * 10, "only {verdicts} verdicts were compared");
    assert!(events > cases as usize, "only {events} events were compared in full");
}

#[test]
fn a_phone_with_long_windows_agrees_with_the_model_whatever_its_clock_does() {
    live(cases(300, 45_000), 0..3, || Home::Nowhere);
}

#[test]
fn a_phone_with_short_windows_agrees_with_the_model() {
    live(cases(150, 15_000), 3..SETTINGS.len(), || Home::Nowhere);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_phone_that_stores_one_value_per_event_agrees_with_the_model_after_restarts() {
    live(cases(200, 35_000), 0..SETTINGS.len(), Home::shared);
}

#[test]
fn a_phone_with_a_log_agrees_with_the_model_after_restarts() {
    live(cases(40, 10_000), 0..SETTINGS.len(), Home::log);
}
