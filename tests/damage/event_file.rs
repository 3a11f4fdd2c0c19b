//! Damaged files of `FilePerEvent`.

use std::fs;
use std::path::PathBuf;

use chrono::Duration;
use tempfile::{TempDir, tempdir};
#[cfg(feature = "serde-bincode")]
use tiny_counter::formatter::BincodeFormat;
#[cfg(feature = "serde-json")]
use tiny_counter::formatter::JsonFormat;
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{Error, EventStore, Formatter};

use super::change::{cuts, flips, inserted, removed};
use super::common::stores::{clock, in_memory, noon, under};

/// A folder with the events x and y, and the bytes of x.
struct Folder<F> {
    dir: TempDir,
    format: F,
    intact: Vec<u8>,
    answers: String,
}

impl<F: Formatter + Clone + 'static> Folder<F> {
    fn new(format: F) -> Folder<F> {
        let dir = tempdir().unwrap();
        let mut folder = Folder { dir, format, intact: Vec::new(), answers: String::new() };
        let (store, tablet) = (folder.store(), in_memory(&clock()));
        tablet.record_count("x", 7);
        store.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
        for days in [0, 1, 5, 40, 700] {
            store.record_count_at("x", 3, noon() - Duration::days(days)).unwrap();
        }
        store.record_count("y", 1000);
        store.close().unwrap();
        folder.intact = fs::read(folder.file("x")).unwrap();
        folder.answers = answers(&folder.store());
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("e-{name}.{}", self.format.extension()))
    }

    fn store(&self) -> EventStore {
        let files = FilePerEvent::new(self.dir.path(), self.format.extension()).unwrap();
        under(&clock()).with_storage(files).with_format(self.format.clone()).build().unwrap()
    }

    /// Replaces the file of x and queries it. Returns whether the file was refused; if not, every
    /// answer is right.
    fn refuses(&self, bytes: &[u8], how: &str) -> bool {
        fs::write(self.file("x"), bytes).unwrap();
        let store = self.store();
        let error = match store.query("x").try_lifetime() {
            Err(error) => error,
            Ok(_) => {
                assert_eq!(answers(&store), self.answers, "{how}");
                assert!(store.health().quarantined.is_empty());
                return false;
            }
        };
        let event_of = |error: Error| match error {
            Error::Corrupt { event, .. } | Error::Incompatible { event, .. } => event,
            other => panic!("{how}: {other:?}"),
        };
        assert_eq!(event_of(error).as_deref(), Some("x"), "{how}");
        assert_eq!(store.health().quarantined, ["x"], "{how}");
        assert_eq!(store.query("y").lifetime(), Some(1000), "{how}");
        let other = in_memory(&clock());
        let files = FilePerEvent::read_only(self.dir.path(), self.format.extension()).unwrap();
        let error = other.migrate(&files, &self.format).unwrap_err();
        assert_eq!(event_of(error).as_deref(), Some("x"), "{how}");
        assert!(other.events().is_empty(), "{how}");
        true
    }

    fn refuses_all(&self, damaged: impl IntoIterator<Item = (Vec<u8>, String)>) {
        for (bytes, how) in damaged {
            assert!(self.refuses(&bytes, &how), "{how} was not detected");
        }
    }
}

fn answers(store: &EventStore) -> String {
    let x = || store.query("x");
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        x().try_lifetime().unwrap(),
        x().last_seen(),
        x().first_seen(),
        x().last_hours(72).into_buckets(),
        x().last_days(56).into_buckets(),
        x().last_months(12).into_buckets(),
        x().last_years(4).into_buckets()
    )
}

fn foreign(intact: &[u8]) -> Vec<(Vec<u8>, String)> {
    let twice = [intact, intact].concat();
    let half_zero = [&intact[..intact.len() / 2], &vec![0; intact.len() - intact.len() / 2][..]].concat();
    [
        (Vec::new(), "nothing"),
        (vec![0; intact.len()], "zeros"),
        (vec![0; 1 << 20], "many zeros"),
        (vec![0xff; intact.len()], "ones"),
        (half_zero, "zeros in the second half"),
        (twice, "twice"),
        (b"{\"count\":3}".to_vec(), "another JSON"),
        (vec![b'['; 100_000], "JSON without an end"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "a picture"),
        ("größer als alles".into(), "a text"),
        (in_memory(&clock()).export_bytes().unwrap(), "an export"),
    ]
    .map(|(bytes, how)| (bytes, how.to_owned()))
    .into()
}

#[cfg(feature = "serde-bincode")]
#[test]
fn every_damage_to_a_binary_file_is_detected() {
    let folder = Folder::new(BincodeFormat);
    folder.refuses_all(cuts(&folder.intact));
    folder.refuses_all(flips(&folder.intact));
    folder.refuses_all(removed(&folder.intact));
    folder.refuses_all(inserted(&folder.intact));
    folder.refuses_all(foreign(&folder.intact));
    assert!(!folder.refuses(&folder.intact, "the intact file"));
}

#[cfg(feature = "serde-json")]
#[test]
fn no_damage_to_a_json_file_changes_a_count() {
    let folder = Folder::new(JsonFormat);
    folder.refuses_all(cuts(&folder.intact));
    folder.refuses_all(removed(&folder.intact));
    folder.refuses_all(foreign(&folder.intact));
    folder.refuses_all(flips(&folder.intact));
    // A space between two JSON tokens changes nothing; every other insertion is detected.
    for (bytes, how) in inserted(&folder.intact) {
        assert!(folder.refuses(&bytes, &how) || how.starts_with("0x20"), "{how} was not detected");
    }
    assert!(!folder.refuses(&folder.intact, "the intact file"));
}

#[cfg(all(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_file_in_the_other_format_is_refused() {
    let (binary, json) = (Folder::new(BincodeFormat), Folder::new(JsonFormat));
    assert!(binary.refuses(&json.intact, "JSON as binary"));
    assert!(json.refuses(&binary.intact, "binary as JSON"));
}

#[cfg(feature = "serde-bincode")]
#[test]
fn a_file_of_a_newer_version_is_kept_unchanged() {
    let folder = Folder::new(BincodeFormat);
    let mut newer = folder.intact.clone();
    newer[4] = 2;
    assert!(folder.refuses(&newer, "a newer version"));
    let store = folder.store();
    store.record("x");
    store.record("y");
    let error = store.persist().unwrap_err();
    assert!(matches!(error, Error::Incompatible { found: 2, supported: 1, event: Some(_), .. }), "{error}");
    assert!(store.limit().cooldown("x", Duration::days(1)).check("x").is_err(), "it fails closed");
    drop(store);
    assert_eq!(fs::read(folder.file("x")).unwrap(), newer);
    assert_eq!(folder.store().query("y").lifetime(), Some(1001), "the readable event is saved");
}

#[cfg(feature = "serde-bincode")]
#[test]
fn a_damaged_or_newer_file_can_be_erased_and_replaced() {
    for damage in [|bytes: &mut [u8]| bytes[4] = 2, |bytes: &mut [u8]| bytes[20] ^= 1] {
        let damaged = |folder: &Folder<BincodeFormat>| {
            let mut bytes = folder.intact.clone();
            damage(&mut bytes);
            assert!(folder.refuses(&bytes, "an event that cannot be read"));
        };
        let folder = Folder::new(BincodeFormat);
        damaged(&folder);
        let store = folder.store();
        store.erase_event("x").unwrap();
        assert!(store.health().quarantined.is_empty());
        assert!(!folder.file("x").exists());
        drop(store);
        let folder = Folder::new(BincodeFormat);
        damaged(&folder);
        let (store, other) = (folder.store(), in_memory(&clock()));
        other.record_count("x", 2);
        store.import_all(other.export_all().unwrap()).unwrap();
        store.close().unwrap();
        assert_eq!(folder.store().query("x").lifetime(), Some(2));
    }
}

#[cfg(feature = "serde-bincode")]
#[test]
fn swapped_files_are_detected() {
    let folder = Folder::new(BincodeFormat);
    let other = fs::read(folder.file("y")).unwrap();
    assert!(folder.refuses(&other, "the file of y"));
    fs::write(folder.file("y"), &folder.intact).unwrap();
    let store = folder.store();
    assert_eq!(["x", "y"].map(|name| store.query(name).lifetime()), [None; 2]);
    assert_eq!(store.health().quarantined, ["x", "y"]);
}

#[cfg(feature = "serde-bincode")]
#[test]
fn a_file_that_is_too_long_is_refused_without_being_read() {
    let folder = Folder::new(BincodeFormat);
    fs::File::create(folder.file("x")).unwrap().set_len(1 << 33).unwrap();
    match folder.store().query("x").try_lifetime() {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("x")),
        other => panic!("{other:?}"),
    }
}
