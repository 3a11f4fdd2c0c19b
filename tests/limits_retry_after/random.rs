//! Random histories and random rules.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::history::{History, deed};
use super::property::{cases, check};
use super::rule::rule;

#[test]
fn every_refusal_by_a_random_rule_ends_exactly_at_its_retry_after() {
    let cases = cases(400, 40_000);
    let input = (
        0..9usize,
        prop::collection::vec(deed(), 0..16),
        0..3usize,
        prop::collection::vec(rule(), 1..24),
        prop::collection::vec(0.0..1.0f64, 4),
    );
    let (ending, endless) = (AtomicUsize::new(0), AtomicUsize::new(0));
    check(cases, input, |(zone, deeds, pending, rules, samples)| {
        let history = History::begin(zone);
        deeds.iter().for_each(|deed| history.take(*deed));
        let refusals = history.ends_at_retry_after(&rules, pending, &samples);
        ending.fetch_add(refusals.ending, Ordering::Relaxed);
        endless.fetch_add(refusals.endless, Ordering::Relaxed)
    });
    let (ending, endless) = (ending.into_inner(), endless.into_inner());
    assert!(ending > cases as usize, "only {ending} refusals with a retry_after");
    assert!(endless > cases as usize, "only {endless} refusals without one");
}
