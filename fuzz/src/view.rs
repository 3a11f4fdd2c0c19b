//! The answers of a store, in a form that can be compared.

use std::sync::Arc;

use chrono::{DateTime, Duration};
use tiny_counter::storage::{Log, Writes};
use tiny_counter::{EventStore, EventStoreBuilder, TestClock, TimeUnit, Zone};

/// 2026-03-10, a Tuesday, at noon.
const NOW: i64 = 1_773_144_000;

pub fn clock() -> TestClock {
    TestClock::build_for_testing_at(DateTime::from_timestamp(NOW, 0).unwrap())
}

pub fn builder(clock: &TestClock) -> EventStoreBuilder {
    EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(Zone::utc())
}

pub fn log(dir: &std::path::Path) -> Log {
    Log::new(dir).writes(Writes::Inline)
}

/// The answers about one event: its counts, its seen times, and the decisions of rules of each
/// kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    pub name: String,
    pub lifetime: Option<u64>,
    counts: Vec<Option<u64>>,
    days: Vec<u32>,
    seen: [Option<Duration>; 2],
    decisions: Vec<Option<Duration>>,
}

pub fn answers(store: &EventStore, name: &str) -> Answers {
    let query = || store.query(name);
    let week = Duration::days(7);
    let limits = [
        store.limit().at_most(name, 3, TimeUnit::Days).check(name),
        store.limit().at_least(name, 2, week).check(name),
        store.limit().cooldown(name, week).check(name),
        store.limit().within(name, week).check(name),
        store.limit().at_most(name, 1, TimeUnit::Ever).check(name),
    ];
    Answers {
        name: name.to_owned(),
        lifetime: query().lifetime(),
        counts: vec![
            query().ever().total(),
            query().last_minutes(60).total(),
            query().last_hours(24).total(),
            query().last_weeks(9).total(),
            query().last_months(12).total(),
            query().last_years(4).total(),
            query().rolling(week).total(),
        ],
        days: query().last_days(28).into_buckets(),
        seen: [query().first_seen(), query().last_seen()],
        decisions: limits
            .iter()
            .map(|decision| match decision {
                Ok(()) => None,
                Err(error) => {
                    let refusal = error.as_limit_exceeded().map(|refusal| refusal.retry_after);
                    Some(refusal.flatten().unwrap_or(Duration::MAX))
                }
            })
            .collect(),
    }
}

/// The answers about the first 24 events by name.
pub fn all(store: &EventStore) -> Vec<Answers> {
    let mut names = store.events();
    names.sort();
    names.iter().take(24).map(|name| answers(store, name)).collect()
}
