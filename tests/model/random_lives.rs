//! Random lives of a phone: recordings of now and of the past, clocks that go wrong in both directions, trips,
//! other settings, restarts, and every query and every limit in between.

use super::common::phone::Home;
use super::life::Life;
use super::step::{self, SETTINGS, Setting};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::cell::Cell;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many lives by default, or so many in the long run.
fn lives(short: u32, long: u32) -> u32 {
    if std::env::var_os("TINY_COUNTER_LONG").is_some() { long } else { short }
}

/// Lives `cases` lives under some of the settings, and insists that enough rules could be compared.
fn live(cases: u32, settings: std::ops::Range<usize>, home: impl Fn() -> Home) {
    hush(true);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    };
    let compared = AtomicUsize::new(0);
    let steps = prop::collection::vec(step::step(settings.clone()), 1..28);
    let outcome = TestRunner::new(config).run(&(settings, steps), |(setting, steps)| {
        let setting: Setting = SETTINGS[setting];
        let rules = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            Life::begin(setting, home()).through(&steps)
        }));
        let rules = rules.map_err(|panic| TestCaseError::fail(message(panic.as_ref())))?;
        compared.fetch_add(rules, Ordering::Relaxed);
        Ok(())
    });
    hush(false);
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let compared = compared.into_inner();
    assert!(compared > cases as usize * 10, "only {compared} verdicts were compared");
}

/// Whether panics of this thread go unreported: while a failure is made smaller there are hundreds of them.
fn hush(quiet: bool) {
    static HOOK: Once = Once::new();
    thread_local!(static QUIET: Cell<bool> = const { Cell::new(false) });
    HOOK.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                report(panic);
            }
        }));
    });
    QUIET.set(quiet);
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

#[test]
fn a_phone_with_long_windows_agrees_with_the_model_whatever_its_clock_does() {
    live(lives(300, 45_000), 0..3, || Home::Nowhere);
}

#[test]
fn a_phone_with_short_windows_agrees_with_the_model() {
    live(lives(150, 15_000), 3..SETTINGS.len(), || Home::Nowhere);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_phone_that_stores_one_value_per_event_agrees_with_the_model_after_restarts() {
    live(lives(200, 35_000), 0..SETTINGS.len(), Home::shared);
}

#[test]
fn a_phone_with_a_log_agrees_with_the_model_after_restarts() {
    live(lives(40, 10_000), 0..SETTINGS.len(), Home::log);
}
