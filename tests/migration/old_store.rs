//! The store that is migrated: one file per event.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::Duration;
use tempfile::TempDir;
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{EventStore, MergeReport, TestClock};

use super::common::stores::{in_memory, noon, under};
use super::common::unit::Unit;

/// The files of the old store, which may be open.
pub fn files(dir: &TempDir) -> FilePerEvent {
    FilePerEvent::read_only(dir.path(), "bin").unwrap()
}

pub fn old_store(clock: &TestClock, dir: &TempDir) -> EventStore {
    under(clock).with_storage(FilePerEvent::new(dir.path(), "bin").unwrap()).build().unwrap()
}

/// Fills the old store with two years of four events, one of which also another device counted, and
/// an event without counts.
pub fn filled(clock: &TestClock, dir: &TempDir) {
    let (store, tablet) = (old_store(clock, dir), in_memory(clock));
    clock.set(noon() - Duration::days(800));
    for day in 0..800u32 {
        store.record_count("launch", 1 + day % 3);
        if day % 9 == 0 {
            store.record("search");
            tablet.record_count("launch", 5);
            tablet.record("on the tablet");
        }
        clock.advance(Duration::days(1));
    }
    clock.advance(Duration::minutes(7));
    store.record("now");
    store.record_count("named", 0);
    store.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    store.close().unwrap();
}

/// Every answer that a store gives.
pub fn answers(store: &EventStore) -> Vec<String> {
    let mut answers = vec![format!("{:?}", store.events())];
    for name in store.events() {
        let query = || store.query(&name);
        answers.push(format!(
            "{name}: {:?} {:?} {:?} {:?}",
            query().lifetime(),
            query().last_seen(),
            query().first_seen(),
            query().ever().sum()
        ));
        let ranges = [
            query().last_seconds(60),
            query().last_minutes(60),
            query().last_hours(72),
            query().last_days(56),
            query().last_weeks(52),
            query().last_months(12),
            query().last_years(4),
        ];
        for (unit, range) in Unit::ALL.map(Unit::public).into_iter().zip(ranges) {
            answers.push(format!("{unit:?} {:?} {:?}", query().first_seen_in(unit), range.into_buckets()));
        }
        for hours in [1, 30, 24 * 20] {
            let limit = store
                .limit()
                .at_most(&name, 2, Duration::hours(hours))
                .cooldown(&name, Duration::hours(hours));
            answers.push(format!("{:?}", limit.check(&name).map_err(|error| error.to_string())));
        }
    }
    answers
}

/// Every file in a folder, with its content.
pub fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect()
}

/// The number of changed events of a report that must be otherwise empty.
pub fn changed(report: MergeReport) -> usize {
    assert_eq!((report.conflicting_copies, report.refused, report.restarted), (0, 0, false));
    report.events_changed
}
