//! The files of a store that writes JSON.

use std::fs;
use std::path::Path;

use chrono::Duration;
use tiny_counter::APP_VERSION;
use tiny_counter::formatter::JsonFormat;
use tiny_counter::storage::FilePerEvent;

use super::common::{clock, under};

#[test]
fn every_file_of_a_store_in_json_is_json_and_a_changed_digit_is_noticed() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let open = |dir: &Path| {
        let files = FilePerEvent::new(dir, "json").unwrap();
        under(&clock).with_storage(files).with_format(JsonFormat).with_marker("dialog").build().unwrap()
    };
    let store = open(dir.path());
    store.record("dialog");
    store.app_version("1.0").unwrap();
    store.record("secret");
    store.persist().unwrap();
    store.erase_event("secret").unwrap();
    let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    let peer = under(&clock).build().unwrap();
    peer.record("tap");
    store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
    store.close().unwrap();
    let names: Vec<String> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(names.len(), 8, "three events, the store record and a page of each list: {names:?}");
    for changed in &names {
        let text = fs::read_to_string(dir.path().join(changed)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["format"], 1, "{text}");
        let Some(at) = text.rfind(|found: char| found.is_ascii_digit()) else { continue };
        let other = if &text[at..=at] == "1" { "2" } else { "1" };
        let copy = tempfile::tempdir().unwrap();
        for name in &names {
            fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        fs::write(copy.path().join(changed), [&text[..at], other, &text[at + 1..]].concat()).unwrap();
        let store = open(copy.path());
        let is_read = ["dialog", "tap", APP_VERSION].map(|event| store.query(event).try_lifetime().is_ok());
        let is_noticed = is_read != [true; 3] || !store.health().losses.is_empty();
        assert!(is_noticed || changed.contains("claims"), "{changed}");
    }
    let store = open(dir.path());
    assert!(store.health().losses.is_empty());
    assert_eq!(store.query("dialog").lifetime(), Some(1));
    assert!(!store.app_version("1.0").unwrap());
    let since = |event: &str, marker: &str| store.query(event).since(marker).try_bounds().unwrap().unwrap();
    assert_eq!((since(APP_VERSION, "dialog").lower, since(APP_VERSION, "dialog").upper), (1, 1));
    store.commit_reservation(key).unwrap();
    assert_eq!(store.query("dialog").lifetime(), Some(2));
    assert_eq!((since(APP_VERSION, "dialog").upper, since("dialog", APP_VERSION).lower), (0, 1));
    assert_eq!(store.events(), ["dialog", "tap", APP_VERSION]);
}
