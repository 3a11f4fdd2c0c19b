//! Queries that are made in one place and asked in another.

use std::collections::HashMap;

use crate::counter::{DeltaRangeQuery, EventId, EventStore, MultiQuery, Query, RangeQuery, RatioQuery};

fn this_week(store: &EventStore, event: impl EventId) -> RangeQuery {
    store.query(event).last_days(7)
}

fn everything<E: EventId>(store: &EventStore, event: E) -> Query {
    store.query(event)
}

fn seen_before<E>(store: &EventStore, event: E) -> bool
where
    E: EventId + Copy,
{
    store.query(event).last_seen().is_some() && this_week(store, event).sum() > Some(0)
}

#[test]
fn generic_functions_return_queries_about_any_name() {
    let store = EventStore::new();
    store.record_count("launch", 2);
    assert_eq!(this_week(&store, "launch").sum(), Some(2));
    assert_eq!(this_week(&store, format!("lau{}", "nch")).count_nonzero(), Some(1));
    assert_eq!(everything(&store, &String::from("launch")).ever().sum(), Some(2));
    assert!(seen_before(&store, "launch"));
    assert!(!seen_before(&store, "crash"));
}

/// The app's own layer over the store.
struct Analytics {
    store: EventStore,
    prefix: &'static str,
}

impl Analytics {
    fn track(&self, screen: &str) -> &Self {
        self.store.record(format!("{}:{screen}", self.prefix));
        self
    }

    fn screen(&self, screen: &str) -> Query {
        self.store.query(format!("{}:{screen}", self.prefix))
    }

    fn last_month(&self, screen: &str) -> RangeQuery {
        self.screen(screen).last_days(28)
    }

    fn known(&self, screen: &str) -> Option<Query> {
        self.screen(screen).last_seen().map(|_| self.screen(screen))
    }
}

/// A view that borrows the store.
struct Report<'a> {
    store: &'a EventStore,
    event: &'a str,
}

impl<'a> Report<'a> {
    fn days(&self, days: usize) -> RangeQuery {
        self.store.query(self.event).last_days(days)
    }
}

#[test]
fn methods_return_queries_of_a_store_that_the_struct_owns_or_borrows() {
    let analytics = Analytics { store: EventStore::new(), prefix: "screen" };
    analytics.track("home").track("home").track("search");
    let home = analytics.last_month("home");
    analytics.track("home");
    assert_eq!(home.sum(), Some(3));
    assert!(analytics.known("basket").is_none());
    assert_eq!(analytics.known("search").map(|query| query.ever().sum()), Some(Some(1)));
    let report = Report { store: &analytics.store, event: "screen:home" };
    assert_eq!(report.days(7).sum(), Some(3));
    assert_eq!(report.days(2).average(), Some(1.5));
}

#[test]
fn closures_make_queries() {
    let store = EventStore::new();
    let week = |name: &str| store.query(name).last_days(7);
    let count = |name: &str| week(name).sum().unwrap_or_default();
    assert_eq!(count("launch"), 0);
    store.record_count("launch", 3);
    store.record("crash");
    assert_eq!(count("launch"), 3);
    let range = week("crash");
    let active = move || range.count_nonzero();
    assert_eq!(active(), Some(1));
    let healthy = ["launch", "crash"].iter().all(|name| count(name) < 4);
    assert!(healthy);
}

#[test]
fn iterators_of_queries_are_asked_one_by_one() {
    let store = EventStore::new();
    let names = ["a", "b", "c"];
    for (count, name) in (1..).zip(names) {
        store.record_count(name, count);
    }
    let sums: Vec<u32> =
        names.iter().map(|name| store.query(*name)).map(Query::ever).filter_map(RangeQuery::sum).collect();
    assert_eq!(sums, [1, 2, 3]);

    fn weeks<'a>(
        store: &'a EventStore,
        names: &'a [&str],
    ) -> impl Iterator<Item = (usize, Option<u32>)> + 'a {
        names.iter().map(|name| store.query(*name).last_weeks(1)).map(RangeQuery::sum).enumerate()
    }
    assert_eq!(weeks(&store, &names).max_by_key(|(_, sum)| *sum), Some((2, Some(3))));
    let most_used = names.iter().max_by_key(|name| store.query(**name).last_days(28).sum());
    assert_eq!(most_used, Some(&"c"));
}

#[test]
fn queries_that_are_kept_see_what_is_recorded_later() {
    let store = EventStore::new();
    let query = store.query("sync");
    let ratio = store.query_ratio("sync:failed", "sync");
    let mut cards: Vec<(&str, RangeQuery)> = Vec::new();
    for name in ["sync", "sync:failed"] {
        cards.push((name, store.query(name).last_days(7)));
    }
    let mut by_name: HashMap<String, Query> =
        ["sync", "other"].into_iter().map(|name| (name.to_owned(), store.query(name))).collect();

    store.record_count("sync", 4);
    store.record("sync:failed");
    assert_eq!(query.last_hours(24).sum(), Some(4));
    assert_eq!(ratio.last_days(7), Some(0.25));
    let shown: Vec<String> =
        cards.into_iter().map(|(name, range)| format!("{name}={:?}", range.sum())).collect();
    assert_eq!(shown, ["sync=Some(4)", "sync:failed=Some(1)"]);
    let kept = by_name.remove("sync").unwrap();
    assert_eq!(kept.ever().sum(), Some(4));
    assert!(by_name.remove("other").is_some_and(|query| query.last_seen().is_none()));
}

fn recent(query: Query) -> RangeQuery {
    query.last_days(7)
}

fn active_days(range: RangeQuery) -> usize {
    range.count_nonzero().unwrap_or(0)
}

fn larger(a: RangeQuery, b: RangeQuery) -> Option<u32> {
    a.sum().max(b.sum())
}

#[test]
fn queries_are_passed_on_and_narrowed_by_conditions() {
    let store = EventStore::new();
    store.record_count("read", 5);
    assert_eq!(active_days(recent(store.query("read"))), 1);
    assert_eq!(larger(recent(store.query("read")), recent(store.query("none"))), Some(5));
    for weekly in [true, false] {
        let query = store.query("read");
        let range = if weekly { query.last_weeks(4) } else { query.last_days(28) };
        assert_eq!(range.sum(), Some(5));
    }
    let days = [Some(7), None].map(|days| match days {
        Some(days) => store.query("read").last_days(days),
        None => store.query("read").ever(),
    });
    assert!(days.into_iter().all(|range| range.sum() == Some(5)));
    let wanted = Some("read").map(|name| store.query(name));
    assert_eq!(wanted.map(recent).and_then(RangeQuery::sum), Some(5));
}

fn conversion(store: &EventStore) -> RatioQuery {
    store.query_ratio("purchase", "visit")
}

fn open_connections(store: &EventStore) -> DeltaRangeQuery {
    store.query_delta("open", "close").ever()
}

fn traffic(store: &EventStore) -> MultiQuery {
    store.query_many(&["visit", "purchase"])
}

#[test]
fn questions_about_several_events_are_returned_and_kept() {
    let store = EventStore::new();
    let (open, rate) = (open_connections(&store), conversion(&store));
    assert_eq!(open_connections(&store).sum(), 0);
    store.record_count("open", 10);
    store.record_count("close", 4);
    store.record_count("visit", 20);
    store.record_count("purchase", 5);
    assert_eq!(open.sum(), 6);
    assert_eq!(rate.last_days(28), Some(0.25));
    assert_eq!(traffic(&store).last_days(2).sum(), Some(25));
    assert_eq!(traffic(&store).last_days(5).average(), Some(5.0));
    store.balance_delta("open", "close").unwrap();
    assert_eq!(open_connections(&store).sum(), 0);
    assert_eq!(store.query("close").ever().sum(), Some(10));
}
