//! Closing and dropping a store: what is saved, what is released, what still answers.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::Arc;

use chrono::Duration;
use common::*;
#[cfg(any(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::TimeUnit;
use tiny_counter::{Error, EventStore, Limit, Question};

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn calls_on_a_closed_store_fail_and_queries_still_answer() {
    let store = on_storage(&clock(), &SharedStorage::default());
    store.record("x");
    let reservation = store.limit().at_most("x", 9, TimeUnit::Days).reserve("x").unwrap();
    store.shutdown().unwrap();
    store.shutdown().unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Closed)));
    assert!(matches!(store.limit().check("x"), Err(Error::Closed)));
    assert!(matches!(store.export_bytes(), Err(Error::Closed)));
    assert!(matches!(reservation.try_commit(), Err(Error::Closed)));
    assert_eq!(store.query("x").ever().sum(), Some(1), "counts in memory can still be queried");
}

#[test]
fn a_batch_of_questions_to_a_closed_store_fails() {
    let store = in_memory(&clock());
    store.record("x");
    assert_eq!(store.ask(&[]).unwrap(), []);
    store.shutdown().unwrap();
    assert!(matches!(store.ask(&[]), Err(Error::Closed)));
}

#[test]
fn every_call_that_can_fail_and_needs_the_counts_says_that_the_store_is_closed() {
    let clock = clock();
    #[cfg(feature = "storage-fs")]
    let dir = tempfile::tempdir().unwrap();
    let stores = [
        in_memory(&clock),
        #[cfg(feature = "storage-fs")]
        on_log(&clock, dir.path()),
        #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
        on_storage(&clock, &SharedStorage::default()),
    ];
    for mut store in stores {
        store.record("x");
        let export = store.export_bytes().unwrap();
        let knowledge = store.knowledge().unwrap();
        let limit = || Limit::new().at_most("x", 9, Duration::days(1));
        let prepared = store.prepare(limit()).unwrap();
        let question = Question::Lifetime { events: vec!["x".into()] };
        let asked = store.prepare_question(question.clone()).unwrap();
        let [commit, shared] = [(); 2].map(|()| prepared.reserve("x").unwrap());
        let [key, cancel] = [(); 2].map(|()| prepared.reserve_for("x", Duration::days(1)).unwrap());
        let events = store.events();
        store.shutdown().unwrap();

        let (day, hour) = (Duration::days(1), Duration::hours(1));
        let chain = || store.limit().at_most("x", 9, day);
        let answers: Vec<(&str, Result<(), Error>)> = vec![
            ("record_at", store.record_at("x", noon())),
            ("record_now", store.record_now("x")),
            ("balance_delta", store.balance_delta("x", "y")),
            ("app_version", store.app_version("1").map(drop)),
            ("check", chain().check("x")),
            ("check_and_record", chain().check_and_record("x")),
            ("reserve", chain().reserve("x").map(drop)),
            ("reserve_for", chain().reserve_for("x", hour).map(drop)),
            ("usage", chain().usage("x").map(drop)),
            ("explain", chain().explain("x").map(drop)),
            ("prepared check", prepared.check("x")),
            ("prepared check_and_record", prepared.check_and_record("x")),
            ("prepared usage", prepared.usage("x").map(drop)),
            ("try_commit", commit.try_commit()),
            ("commit_shared", shared.commit_shared()),
            ("commit_reservation", store.commit_reservation(key)),
            ("cancel_reservation", store.cancel_reservation(cancel)),
            ("ask", store.ask(&[question]).map(drop)),
            ("prepared ask", asked.ask().map(drop)),
            ("try_sum", store.query("x").last_days(1).try_sum().map(drop)),
            ("try_events", store.try_events().map(drop)),
            ("daily_history", store.daily_history("x").map(drop)),
            ("persist", store.persist()),
            ("persist_all", store.persist_all()),
            ("compact", store.compact()),
            ("export_bytes", store.export_bytes().map(drop)),
            ("export_since", store.export_since(&knowledge).map(drop)),
            ("export_parts", store.export_parts(1_000).map(drop)),
            ("knowledge", store.knowledge().map(drop)),
            ("merge_bytes", store.merge_bytes(&export).map(drop)),
            ("replicas", store.replicas().map(drop)),
            ("forget_replicas", store.forget_replicas(["0".repeat(32)]).map(drop)),
            ("erase_event", store.erase_event("x").map(drop)),
            ("erase_events", store.erase_events(["x"]).map(drop)),
            ("erase_all", store.erase_all().map(drop)),
            ("acknowledge_loss", store.acknowledge_loss()),
        ];
        for (call, answer) in answers {
            assert!(matches!(answer, Err(Error::Closed)), "{call}: {answer:?}");
        }
        store.record("x");
        store.record_ago("x", hour);
        store.session();
        assert!(!store.limit().allowed("x") && !prepared.allowed("x"));
        assert_eq!(store.events(), events, "what cannot fail answers from memory");
        assert_eq!((store.query("x").lifetime(), store.reservations().len()), (Some(1), 2));
        assert!(store.health().losses.is_empty() && !store.health().storage_fails);
        assert!(prepared.rehearse("x", [], [noon()]).is_ok(), "it needs no counts");
        assert!(store.prepare(limit()).is_ok());
        store.shutdown().unwrap();
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn dropping_a_store_saves_it_except_what_reset_dirty_discarded() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("x");
    store.reset_dirty();
    assert!(!store.is_dirty());
    store.persist().unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").ever().sum(), None);
    store.record("y");
    drop(store);
    assert_eq!(on_storage(&clock, &storage).query("y").ever().sum(), Some(1));
}

#[cfg(feature = "storage-fs")]
#[test]
fn closing_releases_the_folder_although_a_query_and_a_limiter_remain() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let first = on_log(&clock, dir.path());
    first.record("x");
    let (question, limit) = (first.query("x"), first.limit().at_most("x", 9, TimeUnit::Days));
    first.shutdown().unwrap();
    let second = on_log(&clock, dir.path());
    second.record("x");
    assert_eq!(question.ever().sum(), Some(1));
    assert!(matches!(limit.check_and_record("x"), Err(Error::Closed)));
    assert_eq!(second.query("x").ever().sum(), Some(2));
}

#[cfg(all(feature = "storage-fs", target_os = "linux"))]
#[test]
fn closing_closes_every_file_although_a_query_remains() {
    let dir = tempfile::tempdir().unwrap();
    let store = on_log(&clock(), dir.path());
    store.record("x");
    store.persist().unwrap();
    let open = || {
        let files = std::fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
        files.filter(|path| path.starts_with(dir.path())).count()
    };
    assert!(open() > 0);
    let query = store.query("x");
    store.shutdown().unwrap();
    assert_eq!(open(), 0);
    assert_eq!(query.ever().sum(), Some(1), "from memory");
}

#[cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
#[test]
fn closing_leaves_one_database_file_although_another_thread_used_the_store() {
    let (dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    store.record("a");
    let (asked, close) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = store.query("a").ever().sum();
            asked.wait();
            close.wait();
        });
        asked.wait();
        store.shutdown().unwrap();
        let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name());
        let files: Vec<_> = files.collect();
        close.wait();
        assert_eq!(files, ["events.db"], "everything is in the database file itself");
    });
    assert!(matches!(store.persist(), Err(Error::Closed)));
}

#[cfg(feature = "storage-fs")]
#[test]
fn shutdown_succeeds_on_all_threads_that_call_it_at_once() {
    for _ in 0..100 {
        let dir = tempfile::tempdir().unwrap();
        let store = EventStore::builder().with_log(dir.path()).build().unwrap();
        store.record("a");
        std::thread::scope(|scope| {
            let closing: Vec<_> = (0..4).map(|_| scope.spawn(|| store.shutdown())).collect();
            for closed in closing {
                closed.join().unwrap().unwrap();
            }
        });
        assert_eq!(on_log(&clock(), dir.path()).query("a").lifetime(), Some(1));
    }
}

#[test]
fn queries_and_reservations_do_not_keep_a_dropped_store_alive() {
    let clock = Arc::new(clock());
    let store = EventStore::builder().with_clock(clock.clone()).build().unwrap();
    let reservation = store.limit().reserve("x").unwrap();
    drop(store);
    drop(reservation);
    assert_eq!(Arc::strong_count(&clock), 1);
}
