//! What a recording, a question and a decision cost: `cargo bench --bench record`.
//!
//! In the same run, in turns, each is measured against version 0.1.0 of the published crate and against its floor: what cannot be left out, done by
//! hand on a table of plain numbers (`timing::Floor`). That is the clock, the lock and the look-up; as many numbers as a question has buckets; the
//! names that rules, refusals and reservations own; for an unknown event the lock and the look-up alone. The ratios are what counts, for they
//! hold on other machines too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_lossless,
    missing_docs
)]

mod timing;

use std::hint::black_box;

use chrono::Duration;
use timing::{EVENT, EVENTS, Floor, compare, print};

/// Times one expression on our store and on the published one, whose interface is the same.
macro_rules! versus {
    ($name:expr, $floor:expr, $ours:expr, $theirs:expr, |$store:ident, $unit:ident| $call:expr) => {
        compare(
            $name,
            [
                &mut || $floor,
                &mut || {
                    use tiny_counter::TimeUnit as $unit;
                    let _ = $unit::Days;
                    let $store = &$ours;
                    black_box($call);
                },
                &mut || {
                    use tiny_counter_published::TimeUnit as $unit;
                    let _ = $unit::Days;
                    let $store = &$theirs;
                    black_box($call);
                },
            ],
        )
    };
}

/// Sixty days of history in every event, and the seconds of today.
macro_rules! filled {
    ($store:expr) => {{
        let store = $store.track_seconds(60).track_minutes(60).track_hours(72).track_days(56);
        let store = store.track_weeks(52).track_months(12).track_years(4).build().unwrap();
        for event in EVENTS {
            for day in 0..60 {
                store.record_ago(event, Duration::hours(24 * day));
            }
        }
        store
    }};
}

fn main() {
    let ours = filled!(tiny_counter::EventStore::builder());
    let theirs = filled!(tiny_counter_published::EventStore::builder());
    let floor = Floor::new();
    let other = EVENTS[2];
    let never = u32::MAX;
    let day = Duration::hours(24);
    let touch = || floor.touch();

    let table = [
        versus!("record", touch(), ours, theirs, |s, _U| s.record(black_box(EVENT))),
        versus!("last_seconds(60).sum()", floor.sum(&[EVENT], 60), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_seconds(60)
            .sum()),
        versus!("last_minutes(60).sum()", floor.sum(&[EVENT], 60), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_minutes(60)
            .sum()),
        versus!("last_hours(72).sum()", floor.sum(&[EVENT], 72), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_hours(72)
            .sum()),
        versus!("last_days(7).sum()", floor.sum(&[EVENT], 7), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_days(7)
            .sum()),
        versus!("last_days(56).sum()", floor.sum(&[EVENT], 56), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_days(56)
            .sum()),
        versus!("last_weeks(52).sum()", floor.sum(&[EVENT], 52), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_weeks(52)
            .sum()),
        versus!("last_months(12).sum()", floor.sum(&[EVENT], 12), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_months(12)
            .sum()),
        versus!("last_years(4).sum()", floor.sum(&[EVENT], 4), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_years(4)
            .sum()),
        versus!("last_seen()", touch(), ours, theirs, |s, _U| s.query(EVENT).last_seen()),
        versus!("first_seen()", touch(), ours, theirs, |s, _U| s.query(EVENT).first_seen()),
        versus!("query_many, 2 events", floor.sum(&[EVENT, other], 7), ours, theirs, |s, _U| {
            s.query_many(&[EVENT, other]).last_days(7).sum()
        }),
        versus!("query_ratio", floor.sum(&[EVENT, other], 7), ours, theirs, |s, _U| s
            .query_ratio(EVENT, other)
            .last_days(7)),
        versus!("an unknown event", floor.miss(), ours, theirs, |s, _U| s
            .query("unknown")
            .last_days(7)
            .sum()),
        versus!("at_most check", floor.decide(&[EVENT], 1), ours, theirs, |s, U| {
            assert!(s.limit().at_most(EVENT, never, U::Days).check(EVENT).is_ok())
        }),
        versus!("cooldown refuses", floor.decide(&[EVENT], 3), ours, theirs, |s, _U| {
            assert!(s.limit().cooldown(EVENT, day).check(EVENT).is_err())
        }),
        versus!("check_and_record", floor.decide(&[EVENT, EVENT], 1), ours, theirs, |s, U| {
            assert!(s.limit().at_most(EVENT, never, U::Days).check_and_record(EVENT).is_ok())
        }),
        versus!("reserve and cancel", floor.decide_and_give_back(&[EVENT], 2), ours, theirs, |s, U| {
            s.limit().at_most(EVENT, never, U::Days).reserve(EVENT).unwrap().cancel()
        }),
    ];
    print(&table);
}
