//! Random histories and random rules.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use tiny_counter::Limit;

use super::history::{History, deed};
use super::property::{cases, check};
use super::rule::{Rule, rule};
use crate::common::unit::DAY;

#[test]
fn every_refusal_by_a_random_rule_ends_exactly_at_its_retry_after() {
    let of = |rules: Vec<Rule>| rules.into_iter().map(|rule| rule.add_to(Limit::new())).collect();
    ends(cases(400, 40_000), prop::collection::vec(rule(), 1..24).prop_map(of), 4_000 * DAY);
}

#[test]
fn every_refusal_by_a_random_limit_ends_exactly_at_its_allowed_after() {
    let limits = prop::collection::vec(limit(), 1..12);
    ends(cases(400, 40_000), limits, 380 * DAY);
}

/// A limit of one to six rules, some of them in groups.
fn limit() -> impl Strategy<Value = Limit> {
    let rule = || rule().prop_filter("nothing is known of an app's schedule", |rule| !rule.is_custom());
    let kind = (0..4usize, any::<bool>());
    prop::collection::vec((rule(), kind), 1..=6).prop_map(|rules| {
        let mut limit = Limit::new();
        let mut group: Vec<Limit> = Vec::new();
        for (rule, (kind, is_nested)) in rules {
            group.push(rule.add_to(Limit::new()));
            let branches = std::mem::take(&mut group);
            limit = match kind {
                0 => rule.add_to(limit),
                // The rules up to the next that ends the group.
                1 => {
                    group = branches;
                    limit
                }
                2 if is_nested => limit.any_of([Limit::new().none_of(branches), rule.add_to(Limit::new())]),
                2 => limit.any_of(branches),
                _ if is_nested => limit.none_of([Limit::new().all_of(branches)]),
                _ => limit.none_of(branches),
            };
        }
        if group.is_empty() { limit } else { limit.any_of(group) }
    })
}

fn ends(cases: u32, limits: impl Strategy<Value = Vec<Limit>>, endless: i64) {
    let input = (
        0..9usize,
        prop::collection::vec(deed(), 0..16),
        0..3usize,
        limits,
        prop::collection::vec(0.0..1.0f64, 4),
    );
    let (ending, endless_refusals) = (AtomicUsize::new(0), AtomicUsize::new(0));
    check(cases, input, |(zone, deeds, pending, limits, samples)| {
        let history = History::begin(zone);
        deeds.iter().for_each(|deed| history.take(*deed));
        let refusals = history.ends_at_allowed_after(&limits, pending, &samples, endless);
        ending.fetch_add(refusals.ending, Ordering::Relaxed);
        endless_refusals.fetch_add(refusals.endless, Ordering::Relaxed)
    });
    let (ending, endless) = (ending.into_inner(), endless_refusals.into_inner());
    eprintln!("{ending} ending, {endless} endless");
    assert!(ending > cases as usize / 2, "only {ending} refusals with an end");
    assert!(endless > cases as usize, "only {endless} refusals without one");
}
