//! Schedules as rules of a limit.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Duration, Utc};
use common::stores::{clock, in_memory, retry_after, under};
use tiny_counter::{Clock, EventStore, Limiter, Schedule, TestClock, TimeUnit, Zone};

#[test]
fn schedules_use_utc_or_local_time() {
    let clock = clock();
    let store = under(&clock).with_zone(Zone::fixed(9 * 3600).unwrap()).build().unwrap();
    // Wednesday 12:00 UTC, 21:00 local.
    assert!(store.limit().during(Schedule::hours(9, 17).unwrap()).allowed("x"));
    let local = || store.limit().during(Schedule::hours_local_tz(9, 17).unwrap());
    assert_eq!(retry_after(local(), "x"), Some(Duration::hours(12)));
    assert!(store.limit().during(Schedule::weekdays()).outside_of(Schedule::weekends()).allowed("x"));
    assert_eq!(
        retry_after(store.limit().during(Schedule::weekends_local_tz()), "x"),
        Some(Duration::hours(51))
    );
    let custom = Schedule::Custom(Arc::new(|at| at.timestamp() == 0));
    assert_eq!(retry_after(store.limit().during(custom.clone()), "x"), None);
    let refused = store.limit().during(custom).check("x").unwrap_err().to_string();
    assert!(refused.ends_with("when it passes is not known"), "{refused}");
}

#[test]
fn a_custom_schedule_can_use_the_store() {
    let clock = clock();
    let store = Arc::new(in_memory(&clock));
    store.record("open");
    let (sender, answer) = std::sync::mpsc::channel();
    let asked = store.clone();
    std::thread::spawn(move || {
        let inner = asked.clone();
        let opened_once = move |_| {
            let once = inner.limit().at_most("open", 2, TimeUnit::Days).allowed("open");
            once && inner.query("open").ever().sum() == Some(1)
        };
        let limit = || {
            let schedule = Schedule::Custom(Arc::new(opened_once.clone()));
            asked.limit().at_most("x", 1, TimeUnit::Days).during(schedule)
        };
        limit().check_and_record("x").unwrap();
        asked.record("open");
        let refusal = limit().check("x").unwrap_err();
        let places = refusal.as_limit_exceeded().unwrap().all().iter().map(|r| r.place).collect::<Vec<_>>();
        sender.send(places).unwrap();
    });
    // Without a timeout a deadlock would block the test for ever.
    assert_eq!(answer.recv_timeout(std::time::Duration::from_secs(20)), Ok(vec![0, 1]));
}

#[test]
fn a_panic_in_a_custom_schedule_changes_nothing() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("x", 1, TimeUnit::Days);
    let panics = || limit().during(Schedule::Custom(Arc::new(|_| panic!("on purpose"))));
    let tries: [fn(Limiter); 3] = [
        |limit| drop(limit.check("x")),
        |limit| drop(limit.check_and_record("x")),
        |limit| drop(limit.reserve("x")),
    ];
    for attempt in tries {
        let limit = panics();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| attempt(limit))).is_err());
    }
    limit().check_and_record("x").unwrap();
    assert!(!limit().allowed("x"));
    assert!(store.limit().allowed("x"), "no rule of an earlier limit remains");
}

#[test]
fn a_custom_schedule_is_asked_for_an_instant_that_the_store_accepts() {
    /// A clock that is wrong once.
    struct Wrong(TestClock, AtomicBool);
    impl Clock for Wrong {
        fn now(&self) -> DateTime<Utc> {
            let wrong =
                if self.1.swap(false, Ordering::SeqCst) { Duration::hours(5) } else { Duration::zero() };
            self.0.now() - wrong
        }
    }
    let wrong = Arc::new(Wrong(clock(), false.into()));
    let store = EventStore::builder().with_clock(wrong.clone()).build().unwrap();
    store.record("x");
    let at_noon = wrong.0.now();
    let schedule = Schedule::Custom(Arc::new(move |at| at == at_noon));
    wrong.1.store(true, Ordering::SeqCst);
    assert!(store.limit().during(schedule).allowed("x"));
    assert_eq!(store.health().clock_went_back, None);
}
