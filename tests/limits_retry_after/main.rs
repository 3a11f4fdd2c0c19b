//! `retry_after`: a limit refuses until exactly the instant that it reports, and then passes. If it
//! reports none, it still refuses years later.

#![allow(clippy::restriction, clippy::pedantic)]

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "storage-fs")]
mod history;
#[cfg(feature = "storage-fs")]
#[path = "../common/property.rs"]
mod property;
#[cfg(feature = "storage-fs")]
mod random;
#[cfg(feature = "storage-fs")]
mod rule;

use chrono::Duration;
use common::stores::{clock, clock_at, in_memory, noon, under};
use tiny_counter::{EventStore, Limit, Limiter, TestClock, TimeUnit, Window, Zone};

/// Checks that a refusal ends exactly at its `retry_after`. Returns whether the limit refused.
fn ends_at_retry_after(
    store: &EventStore,
    clock: &TestClock,
    limit: impl Fn(&EventStore) -> Limiter,
) -> bool {
    let Err(error) = limit(store).check("x") else { return false };
    let refusals = error.as_limit_exceeded().unwrap().all();
    let wait = refusals.iter().map(|refusal| refusal.retry_after).max().flatten().unwrap();
    clock.advance(wait - Duration::milliseconds(1));
    assert!(limit(store).check("x").is_err(), "passes before {wait}");
    clock.advance(Duration::milliseconds(1));
    let check = limit(store).check("x");
    assert!(check.is_ok(), "refuses at {wait}: {}", check.unwrap_err());
    true
}

#[test]
fn every_refusal_ends_exactly_at_its_retry_after() {
    let zones = [
        Zone::utc(),
        Zone::fixed(-12_600).unwrap(),
        // A gap at midnight two days later, an overlap a week after that.
        Zone::table(0, vec![(1_750_377_600_000, 3_600), (1_750_975_200_000, 0)]).unwrap(),
    ];
    let span = [Duration::minutes(50), Duration::hours(71), Duration::days(30), Duration::days(300)];
    let (mut cases, mut refusals) = (0, 0);
    for zone in zones {
        for step in [7, 61, 1_000, 9_000] {
            for n in [1, 2, 5] {
                let history = |clock: &TestClock| {
                    let store = under(clock).with_zone(zone.clone()).build().unwrap();
                    for minutes in [0, 3, 3, 50, 200, 999] {
                        store.record("x");
                        clock.advance(Duration::minutes(step + minutes));
                    }
                    store
                };
                let mut check = |limit: &dyn Fn(&EventStore) -> Limiter| {
                    let clock = clock();
                    let refuses = ends_at_retry_after(&history(&clock), &clock, limit);
                    (cases, refusals) = (cases + 1, refusals + usize::from(refuses));
                };
                for unit in
                    [TimeUnit::Minutes, TimeUnit::Hours, TimeUnit::Days, TimeUnit::Weeks, TimeUnit::Months]
                {
                    for count in [1, 3, 12] {
                        check(&|store| store.limit().at_most("x", n, (count, unit)));
                    }
                }
                for span in span {
                    check(&|store| store.limit().at_most("x", n, span));
                    check(&|store| store.limit().cooldown("x", span));
                }
            }
        }
    }
    assert!(refusals > cases / 2, "only {refusals} of {cases} limits refused");
}

#[test]
fn retry_after_is_exact_for_counts_that_only_coarser_units_hold() {
    let windows: [Window; 2] = [Duration::milliseconds(3_505_345).into(), (60, TimeUnit::Minutes).into()];
    for window in windows {
        let clock = clock_at(noon() + Duration::minutes(30) + Duration::milliseconds(123));
        let store = in_memory(&clock);
        // Too long ago for minutes, which reach back an hour: only hours hold these two.
        store.record_ago("x", Duration::milliseconds(3_600_124));
        store.record_ago("x", Duration::milliseconds(5_400_124));
        clock.advance(Duration::milliseconds(-1_894_780));
        let check = || store.limit().at_most("x", 2, window).check("y");
        let refused = check().unwrap_err();
        let wait = refused.as_limit_exceeded().unwrap().retry_after.unwrap();
        let passes = (1..7_200_000).find(|_| {
            clock.advance(Duration::milliseconds(1));
            check().is_ok()
        });
        assert_eq!(Some(wait.num_milliseconds()), passes);
    }
}

/// The wait for a rule after which it passes for a while, before the clock reaches the instant as
/// which it has to read a count again.
fn passes_for_a_while(store: &EventStore, clock: &TestClock, span: Duration, then: Duration) {
    let most = |count| store.limit().at_most("x", count, span);
    let rules = || [most(1), most(2), most(2).none_of([Limit::new().within("y", span)])];
    for rule in rules() {
        assert_eq!(common::stores::retry_after(rule, "y"), Some(span));
    }
    for (wait, passes) in [(span, true), (then - span, false)] {
        clock.advance(wait - Duration::milliseconds(1));
        assert!(rules().into_iter().all(|rule| rule.allowed("y") != passes), "before {wait}");
        clock.advance(Duration::milliseconds(1));
        assert!(rules().into_iter().all(|rule| rule.allowed("y") == passes), "after {wait}");
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_count_that_was_received_ahead_of_the_clock_is_read_again_as_of_its_receipt() {
    let clock = clock_at(noon() + Duration::minutes(20));
    let (store, other) = (in_memory(&clock), in_memory(&clock_at(noon() + Duration::minutes(38))));
    other.record_count("x", 2);
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    clock.advance(Duration::minutes(1));
    store.record("other");
    // It counts as of now, and as of the receipt as soon as the clock gets there.
    clock.advance(-Duration::minutes(12));
    passes_for_a_while(&store, &clock, Duration::minutes(5), Duration::minutes(11));
}

#[test]
fn a_count_of_a_step_under_which_the_process_ended_is_read_again_as_of_its_closing() {
    let (clock, storage) = (clock(), common::SharedStorage::default());
    let open = || common::stores::on_storage(&clock, &storage);
    open().record("other");
    clock.advance(-Duration::hours(2));
    let store = open();
    store.record_count("x", 2);
    store.close().unwrap();
    clock.advance(Duration::hours(3));
    let store = open();
    store.record("other");
    clock.advance(Duration::minutes(3));
    store.record("other");
    // What was recorded under the step counts as of now, and as of its closing as soon as the clock
    // gets there.
    clock.advance(-Duration::minutes(12));
    passes_for_a_while(&store, &clock, Duration::minutes(5), Duration::minutes(9));
}
