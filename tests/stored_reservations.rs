//! Reservations that outlive their process (`reserve_for`).

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::files::log_file;
use common::stores::{clock, in_memory, noon, on_log, retry_after};
use tiny_counter::{Error, EventStore, Limiter, ReservationKey, TimeUnit};

fn once(store: &EventStore) -> Limiter<'_> {
    store.limit().at_most("dialog", 1, Duration::days(7))
}

fn refusal(store: &EventStore) -> Option<Duration> {
    retry_after(once(store), "dialog")
}

#[test]
fn a_stored_reservation_counts_after_a_kill_and_is_committed_by_its_key() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    let key = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    assert_eq!(once(&store).usage("dialog").unwrap().remaining, 0);
    // The log as a kill leaves it, without the final save.
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(log_file(dir.path()), log_file(copy.path())).unwrap();
    let store = on_log(&clock, copy.path());
    assert_eq!(refusal(&store), Some(Duration::hours(1)));
    clock.advance(Duration::minutes(20));
    let stored = store.reservations();
    assert_eq!((stored.len(), stored[0].key, &*stored[0].event_id), (1, key, "dialog"));
    assert_eq!(stored[0].expires_in, Duration::minutes(40));
    let number = u64::from(key);
    store.commit_reservation(ReservationKey::from(number)).unwrap();
    assert!(store.reservations().is_empty());
    assert_eq!(store.query("dialog").last_seen(), Some(Duration::zero()));
    assert_eq!(refusal(&store), Some(Duration::days(7)));
    drop(store);
    let store = on_log(&clock, copy.path());
    assert_eq!(store.query("dialog").lifetime(), Some(1));
    assert!(
        matches!(store.commit_reservation(key), Err(Error::InvalidArgument(_))),
        "it is committed only once"
    );
    assert_eq!(store.query("dialog").lifetime(), Some(1));
}

#[test]
fn a_stored_reservation_ends_when_it_is_cancelled_or_expires() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    let key = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    store.cancel_reservation(key).unwrap();
    assert!(once(&store).allowed("dialog"));
    assert_eq!(store.query("dialog").ever().sum(), Some(0), "the event is known");
    assert!(matches!(store.cancel_reservation(key), Err(Error::InvalidArgument(_))));
    let key = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    clock.advance(Duration::hours(1) - Duration::milliseconds(1));
    assert_eq!(refusal(&store), Some(Duration::milliseconds(1)));
    clock.advance(Duration::milliseconds(1));
    assert!(once(&store).allowed("dialog"));
    assert!(store.reservations().is_empty());
    assert!(matches!(store.commit_reservation(key), Err(Error::ReservationExpired { .. })));
    assert!(matches!(store.cancel_reservation(key), Err(Error::ReservationExpired { .. })));
    assert_eq!(store.query("dialog").lifetime(), Some(0));
}

#[test]
fn a_reservation_of_a_store_in_memory_is_committed_cancelled_or_expires() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("dialog", 1, Duration::days(2)).also_record("any");
    let reserve = || limit().reserve_for("dialog", Duration::hours(1));
    let key = reserve().unwrap();
    assert!(reserve().unwrap_err().as_limit_exceeded().is_some());
    assert_eq!(store.reservations().iter().map(|one| one.key).collect::<Vec<_>>(), [key]);
    store.cancel_reservation(key).unwrap();
    let key = reserve().unwrap();
    clock.advance(Duration::hours(1));
    let expired = store.commit_reservation(key).unwrap_err();
    assert!(matches!(expired, Error::ReservationExpired { event } if event == "dialog"));
    let key = reserve().unwrap();
    store.commit_reservation(key).unwrap();
    assert!(matches!(store.commit_reservation(key), Err(Error::InvalidArgument(_))));
    assert_eq!(["dialog", "any"].map(|name| store.query(name).lifetime()), [Some(1); 2]);
    store.shutdown().unwrap();
    assert!(matches!(reserve(), Err(Error::Closed)));
}

#[test]
fn retry_after_includes_when_a_stored_reservation_expires() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_ago("dialog", Duration::hours(20));
    let twice = || store.limit().at_most("dialog", 2, TimeUnit::Ever).at_most("dialog", 2, Duration::days(2));
    let key = twice().reserve_for("dialog", Duration::minutes(30)).unwrap();
    let refused = twice().check("dialog").unwrap_err();
    let refusals = refused.as_limit_exceeded().unwrap().all().into_iter().map(|refusal| refusal.retry_after);
    assert_eq!(refusals.collect::<Vec<_>>(), [Some(Duration::minutes(30)); 2]);
    clock.advance(Duration::minutes(30));
    assert!(twice().allowed("dialog"));
    assert!(store.cancel_reservation(key).is_err());
}

#[test]
fn a_stored_reservation_counts_only_for_at_most_and_only_on_its_device() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = on_log(&clock, dir.path());
    let _ = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    assert!(!store.limit().at_least("dialog", 1, TimeUnit::Days).allowed("x"));
    store.compact().unwrap();
    assert_eq!(store.reservations().len(), 1);
    assert!(!once(&store).allowed("dialog"));
    // It is not exported either.
    let other = in_memory(&clock);
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert!(once(&other).allowed("dialog"));
    assert!(other.reservations().is_empty());
}

#[test]
fn a_reservation_made_under_a_clock_that_was_ahead_expires_in_time() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    clock.advance(Duration::days(400));
    let key = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    clock.set(noon());
    assert_eq!(refusal(&store), Some(Duration::hours(1)));
    assert_eq!(store.reservations()[0].expires_in, Duration::hours(1));
    clock.advance(Duration::hours(1));
    assert!(once(&store).allowed("dialog"));
    assert!(store.commit_reservation(key).is_err());
}

#[test]
fn erasing_an_event_removes_its_stored_reservations() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("dialog");
    store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    store.limit().reserve_for("other", Duration::hours(1)).unwrap();
    store.limit().reserve_for("never seen", Duration::hours(1)).unwrap();
    store.erase_event("dialog").unwrap();
    assert_eq!(store.reservations().len(), 2);
    assert!(store.erase_event("never seen").unwrap().is_none());
    assert_eq!(store.reservations().len(), 1);
    store.erase_all().unwrap();
    assert!(store.reservations().is_empty());
    drop(store);
    assert!(on_log(&clock, dir.path()).reservations().is_empty());
}

#[test]
fn a_reservation_without_a_storage_lasts_as_long_as_the_store() {
    let store = in_memory(&clock());
    let key = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    assert!(!once(&store).allowed("dialog"));
    assert!(store.commit_reservation(ReservationKey::from(7)).is_err());
    assert!(store.events().is_empty(), "it is not known yet");
    store.commit_reservation(key).unwrap();
    assert_eq!(store.query("dialog").lifetime(), Some(1));
    assert!(store.commit_reservation(key).is_err());
}

#[test]
fn reserve_for_needs_a_duration_and_allows_256_reservations() {
    let clock = clock();
    let dir = tempfile::tempdir().unwrap();
    let store = on_log(&clock, dir.path());
    for span in [Duration::zero(), Duration::days(-1), Duration::MIN] {
        assert!(matches!(once(&store).reserve_for("dialog", span), Err(Error::InvalidArgument(_))));
    }
    for _ in 0..256 {
        store.limit().reserve_for("many", Duration::hours(1)).unwrap();
    }
    assert!(matches!(store.limit().reserve_for("many", Duration::MAX), Err(Error::Storage(_))));
    clock.advance(Duration::hours(1));
    store.limit().reserve_for("many", Duration::MAX).unwrap();
    assert_eq!(store.reservations().len(), 1);
}

#[test]
fn a_reservation_made_under_a_clock_that_was_ahead_until_a_kill_expires_in_time() {
    let (dir, copy, clock) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.limit().reserve_for("other", Duration::hours(1)).unwrap();
    store.persist().unwrap();
    clock.advance(Duration::days(300));
    once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    std::fs::copy(log_file(dir.path()), log_file(copy.path())).unwrap();
    clock.set(noon());
    let store = on_log(&clock, copy.path());
    assert_eq!(refusal(&store), Some(Duration::hours(1)));
    clock.advance(Duration::minutes(59));
    store.close().unwrap();
    let store = on_log(&clock, copy.path());
    let expire_in = |store: &EventStore| store.reservations().into_iter().map(|one| one.expires_in).max();
    assert_eq!(expire_in(&store), Some(Duration::minutes(1)));
    clock.advance(Duration::minutes(1));
    assert!(once(&store).allowed("dialog") && store.reservations().is_empty());
}

#[test]
fn reservations_of_earlier_processes_count_among_the_256() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    for run in 0..4 {
        let store = on_log(&clock, dir.path());
        for event in 0..64 {
            store.limit().reserve_for(format!("{run} {event}"), Duration::hours(1)).unwrap();
        }
    }
    let store = on_log(&clock, dir.path());
    assert!(matches!(store.limit().reserve_for("one more", Duration::MAX), Err(Error::Storage(_))));
    clock.advance(Duration::hours(1));
    store.limit().reserve_for("one more", Duration::MAX).unwrap();
}

#[test]
fn a_reservation_that_cannot_be_written_is_not_made() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    // A folder in place of the log.
    std::fs::remove_file(log_file(dir.path())).unwrap();
    std::fs::create_dir(log_file(dir.path())).unwrap();
    assert!(once(&store).reserve_for("dialog", Duration::hours(1)).is_err());
    assert!(store.reservations().is_empty());
    assert!(once(&store).allowed("dialog"));
}

#[test]
fn a_duration_below_a_millisecond_is_rounded_up_to_one() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    once(&store).reserve_for("dialog", Duration::nanoseconds(1)).unwrap();
    assert_eq!(store.reservations()[0].expires_in, Duration::milliseconds(1));
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    assert_eq!(store.reservations().len(), 1);
    assert!(store.health().losses.is_empty());
}

#[test]
fn a_reservation_stays_as_long_as_its_event_cannot_be_read() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("dialog");
    let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    store.close().unwrap();
    let log = log_file(dir.path());
    let store = on_log(&clock, dir.path());
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, vec![0; whole.len()]).unwrap();
    assert!(store.commit_reservation(key).is_err());
    assert!(store.cancel_reservation(key).is_err());
    assert!(store.reservations().is_empty(), "it stands with the event");
    std::fs::write(&log, whole).unwrap();
    store.commit_reservation(key).unwrap();
    drop(store);
    let store = on_log(&clock, dir.path());
    assert_eq!((store.query("dialog").lifetime(), store.reservations().len()), (Some(2), 0));
}

#[test]
fn retry_after_of_a_stored_reservation_is_exact_after_the_clock_went_back_twice() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    clock.advance(-Duration::hours(2));
    assert_eq!(refusal(&store), Some(Duration::hours(1)));
    clock.advance(-Duration::minutes(10));
    assert_eq!(refusal(&store), Some(Duration::hours(1)), "counted from the new notice");
    clock.advance(Duration::hours(1) - Duration::milliseconds(1));
    assert_eq!(refusal(&store), Some(Duration::milliseconds(1)));
    clock.advance(Duration::milliseconds(1));
    assert!(once(&store).allowed("dialog"));
}

#[test]
fn an_erasure_that_comes_by_a_merge_removes_the_stored_reservations_of_the_event() {
    for (all, is_in_memory) in [(false, true), (false, false), (true, true), (true, false)] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let store = on_log(&clock, dir.path());
        store.record("dialog");
        store.record("other");
        let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
        store.limit().reserve_for("other", Duration::hours(1)).unwrap();
        let peer = in_memory(&clock);
        peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        match all {
            false => drop(peer.erase_event("dialog").unwrap()),
            true => drop(peer.erase_all().unwrap()),
        }
        store.close().unwrap();
        let store = on_log(&clock, dir.path());
        if is_in_memory {
            assert_eq!(store.query("dialog").lifetime(), Some(1));
        }
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        let left: Vec<String> = store.reservations().into_iter().map(|stored| stored.event_id).collect();
        assert_eq!(left, if all { vec![] } else { vec!["other"] }, "in memory: {is_in_memory}");
        assert!(matches!(store.commit_reservation(key), Err(Error::InvalidArgument(_))));
        assert!(once(&store).allowed("dialog"));
        store.close().unwrap();
        let store = on_log(&clock, dir.path());
        assert_eq!(store.reservations().len(), usize::from(!all));
        assert_eq!(store.query("dialog").lifetime(), None);
    }
}

#[test]
fn a_merge_that_erases_nothing_keeps_stored_reservations() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("dialog");
    store.erase_event("dialog").unwrap();
    store.record("dialog");
    store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    store.limit().reserve_for("never seen", Duration::hours(1)).unwrap();
    let peer = in_memory(&clock);
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    peer.record("dialog");
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
    assert_eq!(store.reservations().len(), 2);
}

#[test]
fn of_many_threads_that_commit_a_stored_reservation_one_succeeds() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    for _ in 0..20 {
        let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
        let commit = || usize::from(store.commit_reservation(key).is_ok());
        let committed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(commit)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(committed, 1);
    }
    assert_eq!(store.query("dialog").lifetime(), Some(20));
}
