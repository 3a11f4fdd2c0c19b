//! A damaged log.

use std::fs;
use std::path::Path;

use tiny_counter::storage::{Log, Writes};
use tiny_counter::{EventStore, TimeUnit};

use super::common::files::log_file;
use super::common::stores::{clock, on_log, under};

/// The length of the mark that follows a sync.
const MARK: usize = 40;

#[test]
fn a_log_cut_at_any_byte_has_a_prefix_of_what_was_written_or_reports_a_loss() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let open = |dir: &Path| under(&clock).with_log(Log::new(dir).writes(Writes::Inline)).build().unwrap();
    let record = |store: &EventStore| {
        for _ in 0..5 {
            store.record("x");
            store.record("y");
        }
    };
    let store = open(dir.path());
    record(&store);
    store.persist().unwrap();
    let log = log_file(dir.path());
    let synced = fs::metadata(&log).unwrap().len() as usize - MARK;
    record(&store);
    // A copy without the last sync, which closing the store makes.
    let whole = fs::read(&log).unwrap();
    drop(store);
    let mut least = 0;
    for cut in 0..=whole.len() {
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join(log.file_name().unwrap());
        fs::write(&copy, &whole[..cut]).unwrap();
        let store = on_log(&clock, dir.path());
        let [x, y] = ["x", "y"].map(|name| store.query(name).lifetime().unwrap_or(0));
        assert!(x == y || x == y + 1, "cut at {cut}: {x} {y}");
        assert!(x + y >= least, "cut at {cut} lost what a shorter cut had");
        assert_eq!(!store.health().losses.is_empty(), cut < synced, "cut at {cut}");
        assert_eq!(store.limit().at_most("z", 1, TimeUnit::Ever).allowed("z"), cut >= synced, "cut at {cut}");
        least = x + y;
    }
    assert_eq!(least, 20);
}

#[test]
fn an_empty_or_zeroed_log_stays_a_loss_until_it_is_acknowledged() {
    for bytes in [vec![], vec![0; 24], vec![0; 10_000]] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        fs::write(log_file(dir.path()), &bytes).unwrap();
        for round in 0..3 {
            let store = on_log(&clock, dir.path());
            assert_eq!(store.health().losses.len(), 1, "{round}");
            assert!(!store.limit().at_most("x", 1, TimeUnit::Ever).allowed("x"), "{round}");
            if round > 0 {
                store.record("x");
            }
        }
        on_log(&clock, dir.path()).acknowledge_loss().unwrap();
        let store = on_log(&clock, dir.path());
        assert!(store.health().losses.is_empty());
        assert_eq!(store.query("x").lifetime(), Some(2));
    }
}

#[test]
fn a_flipped_bit_in_a_log_changes_no_count_and_a_loss_is_reported() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_count("x", 3);
    store.persist().unwrap();
    store.record_count("y", 5);
    store.persist().unwrap();
    drop(store);
    let log = log_file(dir.path());
    let whole = fs::read(&log).unwrap();
    let mut reports = 0;
    for byte in 0..whole.len() {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes = whole.clone();
        bytes[byte] ^= 0x10;
        fs::write(dir.path().join(log.file_name().unwrap()), &bytes).unwrap();
        let store = on_log(&clock, dir.path());
        let [x, y] = ["x", "y"].map(|name| store.query(name).lifetime());
        assert!([None, Some(3)].contains(&x) && [None, Some(5)].contains(&y), "byte {byte}: {x:?} {y:?}");
        let reported = !store.health().losses.is_empty();
        reports += usize::from(reported);
        // Everything but the last mark is synced.
        let is_whole = (x, y) == (Some(3), Some(5));
        assert!(is_whole || reported, "byte {byte}: a loss was not reported");
    }
    assert!(reports > whole.len() / 2, "only {reports} losses were reported");
}
