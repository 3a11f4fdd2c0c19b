//! Runs properties on random input and counts how often they had something to check.
//!
//! This file is not a module of `common`: the fuzz targets do without proptest. A test includes it
//! by its path.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Whether the environment has `TINY_COUNTER_LONG`.
fn is_long() -> bool {
    std::env::var_os("TINY_COUNTER_LONG").is_some()
}

/// The number of cases: `short`, or `long` in the long run.
pub fn cases(short: u32, long: u32) -> u32 {
    if is_long() { long } else { short }
}

/// The short run has the same inputs each time, so that a failure is one of the change that is
/// tested. The long run has new ones each time.
fn runner(config: ProptestConfig) -> TestRunner {
    if is_long() {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    }
}

/// Runs `property` on `cases` random inputs. Returns the sum of what it returned: the number of
/// checks made. Panics with the smallest input for which it panics.
pub fn check<S: Strategy>(cases: u32, input: S, property: impl Fn(S::Value) -> usize) -> usize {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    };
    let checks = AtomicUsize::new(0);
    report_panics(false);
    let outcome = runner(config).run(&input, |input| {
        let made = catch_unwind(AssertUnwindSafe(|| property(input)));
        let made = made.map_err(|panic| TestCaseError::fail(message(panic.as_ref())))?;
        checks.fetch_add(made, Ordering::Relaxed);
        Ok(())
    });
    report_panics(true);
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    checks.into_inner()
}

/// Runs `f` without reports of panics.
#[allow(dead_code)]
pub fn quietly<T>(f: impl FnOnce() -> T) -> T {
    report_panics(false);
    let result = f();
    report_panics(true);
    result
}

/// Turns the reports of panics on this thread on or off: a failure is made smaller in hundreds of
/// steps, and each of them panics.
fn report_panics(on: bool) {
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
    QUIET.set(!on);
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
