//! Stored reservations in a log whose last record of the event was lost, so that an earlier record
//! counts again.

use std::fs;
use std::path::Path;

use chrono::Duration;
use tiny_counter::{Error, ReservationKey, TestClock};

use super::common::files::log_file;
use super::common::stores::{clock, ever, on_log};

/// A log with a reservation of "dialog" that was committed.
fn with_a_committed_reservation(clock: &TestClock, dir: &Path) -> ReservationKey {
    let store = on_log(clock, dir);
    let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    store.persist().unwrap();
    store.commit_reservation(key).unwrap();
    store.record("other");
    store.close().unwrap();
    key
}

/// Changes a byte of the last record of "dialog", at this distance from its name.
fn damage_last(dir: &Path, distance: isize) {
    let mut bytes = fs::read(log_file(dir)).unwrap();
    let at = bytes.windows(6).rposition(|found| found == b"dialog").unwrap();
    bytes[at.checked_add_signed(distance).unwrap()] ^= 1;
    fs::write(log_file(dir), bytes).unwrap();
}

#[test]
fn a_reservation_that_was_committed_is_not_committed_again_after_a_loss() {
    // The value follows the name and a checksum. The marker stands 16 bytes before the name.
    for (distance, lost) in [(6 + 4 + 5, Some("dialog")), (-16, None)] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let key = with_a_committed_reservation(&clock, dir.path());
        damage_last(dir.path(), distance);
        for round in 0..3 {
            let store = on_log(&clock, dir.path());
            let losses = store.health().losses;
            assert_eq!(losses.len(), 1, "{losses:?}");
            assert_eq!(losses[0].event.as_deref(), lost);
            assert!(store.reservations().is_empty(), "{lost:?}");
            assert!(matches!(store.commit_reservation(key), Err(Error::InvalidArgument(_))), "{lost:?}");
            assert_eq!(ever(&store, "dialog").unwrap_or(0), 0, "{lost:?}");
            assert_eq!(ever(&store, "other"), Some(1 + round), "{lost:?}");
            store.record("other");
        }
        let store = on_log(&clock, dir.path());
        store.acknowledge_loss().unwrap();
        let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
        drop(store);
        let store = on_log(&clock, dir.path());
        store.commit_reservation(key).unwrap();
        assert_eq!(ever(&store, "dialog"), Some(1), "{lost:?}");
    }
}

#[test]
fn a_reservation_of_another_event_survives_the_loss_of_an_event() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    with_a_committed_reservation(&clock, dir.path());
    let store = on_log(&clock, dir.path());
    let key = store.limit().reserve_for("tip", Duration::hours(1)).unwrap();
    store.close().unwrap();
    damage_last(dir.path(), 6 + 4 + 5);
    let store = on_log(&clock, dir.path());
    assert_eq!(store.health().losses.len(), 1);
    store.commit_reservation(key).unwrap();
    assert_eq!(ever(&store, "tip"), Some(1));
}
