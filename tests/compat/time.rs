//! Clocks that programs control, and recordings of the past.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};

use crate::counter::{Clock, Error, EventStore, EventStoreBuilder, SystemClock, TestClock, TimeUnit};

const NOON: i64 = 1_750_248_000;

#[derive(Default)]
struct Seconds(AtomicI64);

impl Clock for Seconds {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(NOON + self.0.load(Ordering::SeqCst), 0).unwrap()
    }
}

#[test]
fn a_clock_is_the_apps_own_or_a_trait_object() {
    let own = Arc::new(Seconds::default());
    let noon = DateTime::from_timestamp(NOON, 0).unwrap();
    let clocks: Vec<(Arc<dyn Clock>, bool)> = vec![
        (own.clone(), true),
        (TestClock::new_at(noon), true),
        (SystemClock::new(), false),
        (Arc::new(TestClock::build_for_testing()), false),
    ];
    for (clock, at_noon) in clocks {
        let store = EventStore::builder().with_clock(Arc::clone(&clock)).build().unwrap();
        assert_eq!(store.clock_now() == noon, at_noon);
        store.record("x");
        assert_eq!(store.query("x").last_days(7).sum(), Some(1));
    }
    let store = EventStore::builder().with_clock(own.clone()).build().unwrap();
    store.record("x");
    let query = store.query("x").last_hours(1);
    own.0.fetch_add(2 * 3600, Ordering::SeqCst);
    assert_eq!(query.sum(), Some(0), "a query is evaluated when it is asked");
    assert_eq!(store.query("x").last_hours(3).last_seen(), Some(2));
}

fn small(clock: &TestClock, with_seconds: bool) -> EventStoreBuilder {
    let mut builder = EventStore::builder().with_clock(Arc::new(clock.clone()));
    if with_seconds {
        builder = builder.track_seconds(30);
    }
    for (unit, count) in [(TimeUnit::Hours, 48), (TimeUnit::Days, 10)] {
        builder = match unit {
            TimeUnit::Hours => builder.track_hours(count),
            _ => builder.track_days(count),
        };
    }
    builder
}

#[test]
fn the_past_is_recorded_into_the_tracked_days() {
    let clock = TestClock::build_for_testing_at(DateTime::from_timestamp(NOON, 0).unwrap());
    let store = small(&clock, false).build().unwrap();
    assert_eq!(store.tracked_intervals(), [(TimeUnit::Hours, 48), (TimeUnit::Days, 10)]);
    assert_eq!(small(&clock, true).build().unwrap().tracked_intervals().len(), 3);
    assert!(matches!(small(&clock, true).track_weeks(0).build(), Err(Error::InvalidBucketCount(_))));
    for days in 0..5 {
        store.record_count_ago("run", u32::try_from(days).unwrap() + 1, Duration::days(days));
    }
    store.record_count_at("run", 10, clock.now() - Duration::days(6)).unwrap();
    let future = store.record_at("later", clock.now() + Duration::hours(2));
    assert!(matches!(future, Err(Error::FutureEvent)));

    let run = || store.query("run");
    assert_eq!(run().last_days(7).into_buckets(), [1, 2, 3, 4, 5, 0, 10]);
    assert_eq!(run().days(1..3).sum(), Some(5));
    assert_eq!(run().days_from(2).take(2).sum(), Some(7));
    assert_eq!(run().last_days(10).count_nonzero(), Some(6));
    assert_eq!(run().last_days(7).first_seen(), Some(6));
    assert_eq!(run().last_days(5).average(), Some(3.0));
    assert_eq!(run().last_days(6).average_nonzero(), Some(3.0));
    assert_eq!(run().last_months(1).sum(), None, "months are not tracked");
    clock.advance(Duration::days(5));
    assert_eq!(run().last_days(7).into_buckets(), [0, 0, 0, 0, 0, 1, 2]);
    clock.set(clock.now() + Duration::days(30));
    assert_eq!(run().ever().sum(), Some(0));
}
