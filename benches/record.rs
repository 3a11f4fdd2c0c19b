//! The time of a recording, a question and a decision. Run it with `cargo bench --bench record`, or
//! with `-- text` for the lines whose names contain a text.
//!
//! Each call is compared with version 0.1.0 of the published crate and with a *floor*
//! (`timing::Floor`): the work that no implementation can avoid, done on a table of plain numbers.
//! That is:
//!
//! - reading the clock, taking the lock, and looking up the event;
//! - for a question, summing as many numbers as it has buckets;
//! - for a decision, allocating the names that rules, refusals and reservations own;
//! - for a reservation, counting it as pending in a second table;
//! - for an unknown event, only the lock and the look-up.
//!
//! Two lines compare a prepared limit with `governor`, a rate limiter, in the place of version 0.1.0.
//! It keeps one instant in memory: it looks nothing up, has one rule, and forgets everything at a
//! restart.
//!
//! All three are measured in alternation in one run. The ratios matter: they are similar on other
//! machines.

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
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::SystemTime;

use chrono::{DateTime, Duration, Utc};
use governor::{Quota, RateLimiter};
use timing::{EVENT, EVENTS, Floor, compare, print};

/// Measures one expression on the current store and on the published one. Both have the same
/// interface.
macro_rules! measure {
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

/// A store in which every event happened on each of the last 50 days and in each of the last 50
/// minutes.
macro_rules! filled {
    ($store:expr) => {{
        let store = $store.track_seconds(60).track_minutes(60).track_hours(72).track_days(56);
        let store = store.track_weeks(52).track_months(12).track_years(4).build().unwrap();
        for event in EVENTS {
            for ago in 0..50 {
                store.record_ago(event, Duration::hours(24 * ago));
                store.record_ago(event, Duration::minutes(ago));
            }
        }
        store
    }};
}

/// The system clock, which can be set.
#[derive(Clone, Default)]
struct SetClock(Arc<AtomicI64>);

impl tiny_counter::Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from(SystemTime::now()) + Duration::milliseconds(self.0.load(Relaxed))
    }
}

/// A store under the system's clock, which continues one that recorded every event under a clock that
/// was ahead `by` so much. So a step of the clock is open.
fn set_back(dir: &Path, by: Duration) -> tiny_counter::EventStore {
    let clock = SetClock::default();
    let builder = || {
        let storage = tiny_counter::storage::FilePerEvent::new(dir, "event").unwrap();
        tiny_counter::EventStore::builder().with_storage(storage)
    };
    let store = filled!(builder().with_clock(Arc::new(clock.clone())));
    clock.0.store(by.num_milliseconds(), Relaxed);
    EVENTS.iter().for_each(|event| store.record(*event));
    store.close().unwrap();
    let store = filled!(builder());
    EVENTS.iter().for_each(|event| assert!(store.query(*event).ever().sum().is_some()));
    store
}

/// Five rules about four events, of which those about `EVENT` refuse if `most` is 1.
macro_rules! five_rules {
    ($limit:expr, $unit:ident, $most:expr) => {{
        let (most, week) = ($most, Duration::days(7));
        let limit = $limit.at_most(EVENT, most, $unit::Days).at_most(EVENT, most, (50, $unit::Minutes));
        let limit = limit.at_least(EVENTS[0], 3, (28, $unit::Days)).within(EVENTS[1], week);
        limit.cooldown("crash", week)
    }};
}

/// Prepared limits and questions. Version 0.1.0 has none: it builds the same limit each time.
fn prepared(
    ours: &tiny_counter::EventStore,
    theirs: &tiny_counter_published::EventStore,
    floor: &Floor,
) -> Vec<Option<timing::Line>> {
    use tiny_counter::{Limit, Measure, QueryRange, Question, TimeUnit};
    use tiny_counter_published::TimeUnit as Published;

    let one = |most| ours.prepare(Limit::new().at_most(EVENT, most, TimeUnit::Days)).unwrap();
    let five = |most| ours.prepare(five_rules!(Limit::new(), TimeUnit, most)).unwrap();
    let (allows, refuses, five_allow, five_refuse) = (one(u32::MAX), one(1), five(u32::MAX), five(1));
    let their_one = |most| theirs.limit().at_most(EVENT, most, Published::Days);
    let their_five = |most| five_rules!(theirs.limit(), Published, most);
    // The known events of the five rules.
    let look_ups = [EVENT, EVENT, EVENTS[0], EVENTS[1]];
    let (range, measure) = (QueryRange::Units(TimeUnit::Days, 0..7), Measure::Total);
    let question = Question::Counts { events: vec![EVENT.to_owned()], range, measure };
    let question = ours.prepare_question(question).unwrap();
    // Nothing asks as often as that, and once in a day refuses after the first check.
    let governor_allows = RateLimiter::direct(Quota::per_second(NonZeroU32::MAX));
    let day = std::time::Duration::from_secs(86_400);
    let governor_refuses = RateLimiter::direct(Quota::with_period(day).unwrap());
    governor_refuses.check().unwrap();
    vec![
        compare(
            "prepared, allowed; governor",
            [&mut || floor.touch(), &mut || assert!(allows.allowed(black_box(EVENT))), &mut || {
                assert!(black_box(&governor_allows).check().is_ok())
            }],
        ),
        compare(
            "prepared, refused; governor",
            [&mut || floor.touch(), &mut || assert!(!refuses.allowed(black_box(EVENT))), &mut || {
                assert!(black_box(&governor_refuses).check().is_err())
            }],
        ),
        compare(
            "prepared, allowed",
            [&mut || floor.touch(), &mut || assert!(allows.allowed(black_box(EVENT))), &mut || {
                assert!(their_one(u32::MAX).allowed(EVENT))
            }],
        ),
        compare(
            "prepared, refused",
            [&mut || floor.touch(), &mut || assert!(!refuses.allowed(black_box(EVENT))), &mut || {
                assert!(!their_one(1).allowed(EVENT))
            }],
        ),
        compare(
            "5 rules allowed",
            [
                &mut || floor.decide(&look_ups, 1),
                &mut || assert!(five_rules!(ours.limit(), TimeUnit, u32::MAX).allowed(EVENT)),
                &mut || assert!(their_five(u32::MAX).allowed(EVENT)),
            ],
        ),
        compare(
            "prepared, 5 rules allowed",
            [
                &mut || floor.decide(&look_ups, 0),
                &mut || assert!(five_allow.allowed(black_box(EVENT))),
                &mut || assert!(their_five(u32::MAX).allowed(EVENT)),
            ],
        ),
        compare(
            "prepared, 2 of 5 refuse, details",
            [
                &mut || floor.decide(&look_ups, 3),
                &mut || assert!(five_refuse.check(black_box(EVENT)).is_err()),
                &mut || assert!(their_five(1).check(EVENT).is_err()),
            ],
        ),
        compare(
            "prepared question",
            [&mut || floor.sum(&[EVENT], 7), &mut || drop(black_box(question.ask())), &mut || {
                black_box(theirs.query(EVENT).last_days(7).sum());
            }],
        ),
    ]
}

/// What a refusal costs at most: 64 rules, of which two schedules exclude each other, so that the
/// search for the instant at which all pass ends at its bound.
fn worst_case(store: &tiny_counter::EventStore) {
    use tiny_counter::{Limit, Schedule, TimeUnit};

    let between = |from, until| Schedule::hours(from, until).unwrap();
    let limit = Limit::new().during(between(8, 9)).during(between(20, 21));
    let limit = (0..62).fold(limit, |limit, _| limit.at_most(EVENT, 1, (50, TimeUnit::Minutes)));
    let limit = store.prepare(limit).unwrap();
    let mut times: Vec<_> = (0..21)
        .map(|_| {
            let begin = std::time::Instant::now();
            let refused = limit.check(black_box(EVENT)).unwrap_err();
            assert_eq!(refused.as_limit_exceeded().unwrap().allowed_after(), None);
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("64 rules of which two exclude each other, refused with details: {:?}", times[times.len() / 2]);
}

fn main() {
    let ours = filled!(tiny_counter::EventStore::builder());
    let theirs = filled!(tiny_counter_published::EventStore::builder());
    let dir = tempfile::tempdir().unwrap();
    let small_step = set_back(&dir.path().join("small"), Duration::minutes(14));
    let large_step = set_back(&dir.path().join("large"), Duration::hours(24));
    let marked = ["a", "b", "c"]
        .into_iter()
        .fold(tiny_counter::EventStore::builder(), |builder, name| builder.with_marker(name));
    let marked = filled!(marked);
    ["a", "b", "c"].into_iter().for_each(|marker| marked.record(marker));
    let floor = Floor::new();
    let other = EVENTS[2];
    let never = u32::MAX;
    let day = Duration::hours(24);
    let touch = || floor.touch();

    let table = [
        measure!("record", touch(), ours, theirs, |s, _U| s.record(black_box(EVENT))),
        measure!("record, small step", touch(), small_step, theirs, |s, _U| s.record(black_box(EVENT))),
        measure!("record, large step", touch(), large_step, theirs, |s, _U| s.record(black_box(EVENT))),
        measure!("record, 3 markers", touch(), marked, theirs, |s, _U| s.record(black_box(EVENT))),
        measure!("ever().sum()", floor.sum(&[EVENT], 56), ours, theirs, |s, _U| s.query(EVENT).ever().sum()),
        measure!("last_days(28).count_nonzero()", floor.sum(&[EVENT], 28), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_days(28)
            .count_nonzero()),
        measure!("last_seconds(60).sum()", floor.sum(&[EVENT], 60), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_seconds(60)
            .sum()),
        measure!("last_minutes(60).sum()", floor.sum(&[EVENT], 60), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_minutes(60)
            .sum()),
        measure!("last_hours(72).sum()", floor.sum(&[EVENT], 72), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_hours(72)
            .sum()),
        measure!("last_days(7).sum()", floor.sum(&[EVENT], 7), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_days(7)
            .sum()),
        measure!("last_days(56).sum()", floor.sum(&[EVENT], 56), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_days(56)
            .sum()),
        measure!("last_weeks(52).sum()", floor.sum(&[EVENT], 52), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_weeks(52)
            .sum()),
        measure!("last_months(12).sum()", floor.sum(&[EVENT], 12), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_months(12)
            .sum()),
        measure!("last_years(4).sum()", floor.sum(&[EVENT], 4), ours, theirs, |s, _U| s
            .query(EVENT)
            .last_years(4)
            .sum()),
        measure!("last_seen()", touch(), ours, theirs, |s, _U| s.query(EVENT).last_seen()),
        measure!("first_seen()", touch(), ours, theirs, |s, _U| s.query(EVENT).first_seen()),
        measure!("query_many, 2 events", floor.sum(&[EVENT, other], 7), ours, theirs, |s, _U| {
            s.query_many(&[EVENT, other]).last_days(7).sum()
        }),
        measure!("query_ratio", floor.sum(&[EVENT, other], 7), ours, theirs, |s, _U| s
            .query_ratio(EVENT, other)
            .last_days(7)),
        measure!("unknown event", floor.miss(), ours, theirs, |s, _U| s.query("unknown").last_days(7).sum()),
        measure!("at_most check", floor.decide(&[EVENT], 1), ours, theirs, |s, U| {
            assert!(s.limit().at_most(EVENT, never, U::Days).check(EVENT).is_ok())
        }),
        compare(
            "at_most since a marker, check",
            [
                &mut || floor.decide(&[EVENT, EVENTS[0]], 1),
                &mut || {
                    let limit = marked.limit().at_most(EVENT, never, tiny_counter::since("a"));
                    assert!(limit.check(EVENT).is_ok());
                },
                &mut || {
                    let unit = tiny_counter_published::TimeUnit::Days;
                    assert!(theirs.limit().at_most(EVENT, never, unit).check(EVENT).is_ok());
                },
            ],
        ),
        measure!("allowed() refuses", floor.decide(&[EVENT], 1), ours, theirs, |s, U| {
            assert!(!s.limit().at_most(EVENT, 1, U::Days).allowed(EVENT))
        }),
        measure!("cooldown: allowed() refuses", floor.decide(&[EVENT], 1), ours, theirs, |s, _U| {
            assert!(!s.limit().cooldown(EVENT, day).allowed(EVENT))
        }),
        measure!("at_most refuses, details", floor.decide(&[EVENT], 3), ours, theirs, |s, U| {
            assert!(s.limit().at_most(EVENT, 1, U::Days).check(EVENT).is_err())
        }),
        measure!("cooldown refuses, details", floor.decide(&[EVENT], 3), ours, theirs, |s, _U| {
            assert!(s.limit().cooldown(EVENT, day).check(EVENT).is_err())
        }),
        measure!("check_and_record", floor.decide(&[EVENT, EVENT], 1), ours, theirs, |s, U| {
            assert!(s.limit().at_most(EVENT, never, U::Days).check_and_record(EVENT).is_ok())
        }),
        measure!("reserve and cancel", floor.reserve_and_cancel(&[EVENT], 2), ours, theirs, |s, U| {
            s.limit().at_most(EVENT, never, U::Days).reserve(EVENT).unwrap().cancel()
        }),
        measure!("reserve and commit", floor.reserve_and_commit(&[EVENT], 2), ours, theirs, |s, U| {
            s.limit().at_most(EVENT, never, U::Days).reserve(EVENT).unwrap().commit()
        }),
    ];
    let prepared = prepared(&ours, &theirs, &floor);
    print(&table.into_iter().chain(prepared).collect::<Vec<_>>());
    worst_case(&ours);
}
