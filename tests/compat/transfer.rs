//! Counters that programs take out of one store and put into another.

use std::collections::HashMap;

use crate::counter::{EventStore, Result};

fn with(counts: &[(&str, u32)]) -> EventStore {
    let store = EventStore::new();
    counts.iter().for_each(|(name, count)| store.record_count(*name, *count));
    store
}

#[test]
fn a_backup_is_filtered_and_imported() -> Result<()> {
    let store = with(&[("shop:visit", 5), ("shop:buy", 1), ("debug:log", 99)]);
    let backup: HashMap<_, _> =
        store.export_all()?.into_iter().filter(|(name, _)| name.starts_with("shop:")).collect();
    assert_eq!(backup.len(), 2);

    let mut restored = EventStore::builder().track_days(28).track_years(2);
    if cfg!(debug_assertions) {
        restored = restored.track_hours(48);
    }
    let restored = restored.build()?;
    restored.record_count("shop:visit", 40);
    for (name, counter) in backup.clone() {
        restored.import_event(name, counter)?;
    }
    assert_eq!(restored.query("shop:visit").last_days(7).sum(), Some(5), "importing replaces");
    assert_eq!(restored.query("debug:log").ever().sum(), None);
    let empty = EventStore::default();
    empty.import_all(backup)?;
    assert_eq!(empty.query_ratio("shop:buy", "shop:visit").ever(), Some(0.2));
    Ok(())
}

#[test]
fn the_counts_of_other_devices_are_merged() -> Result<()> {
    let (phone, tablet, watch) =
        (with(&[("read", 5)]), with(&[("read", 3), ("sync", 1)]), with(&[("read", 2)]));
    let mut changed: Vec<String> = tablet.export_dirty()?.into_keys().collect();
    changed.sort();
    assert_eq!(changed, ["read", "sync"]);
    phone.merge_all(tablet.export_all()?)?;
    tablet.reset_dirty();
    assert!(tablet.export_dirty()?.is_empty() && !tablet.is_dirty());
    assert_eq!(phone.query("read").last_days(7).sum(), Some(8));
    phone.merge(watch)?;
    assert_eq!(phone.query("read").ever().sum(), Some(10));
    assert_eq!(phone.query("sync").ever().sum(), Some(1));
    if let Some(counter) = phone.export_all()?.remove("read") {
        let display = EventStore::new();
        display.merge_event("all:read", counter)?;
        assert_eq!(display.query("all:read").last_days(7).sum(), Some(10));
    }
    Ok(())
}
