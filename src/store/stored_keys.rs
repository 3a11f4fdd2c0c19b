//! Which values of events a `Storage` holds.
//!
//! Their keys are stored in a list, `~names`. A key is added after its value was stored, and
//! removed before its value is deleted. So if the value of a listed key is missing, it was lost.
//! Each page holds how many pages there are, so a missing last page was lost too.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hasher;

use parking_lot::Mutex;
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::bounds::{MAX_NAME_BYTES, MAX_PAGES};
use crate::codec;
use crate::engine::PagedMap;
use crate::error::{Error, Result};
use crate::report::report;
use crate::storage::key;

/// Keys by the hash of the key.
type Keys = PagedMap<u128, Box<str>>;

pub(super) struct StoredKeys {
    keys: Mutex<Keys>,
}

/// What is missing in a storage.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// The keys of values of events.
    pub(super) keys: Vec<String>,
    /// Whether a page of the list is damaged or missing. It is then not known which events were
    /// lost.
    pub(super) unknown: bool,
}

impl StoredKeys {
    /// Loads the list and finds what is missing. `found` are all keys of the storage, and `read`
    /// reads a record of the store. A storage that is not new has at least one page.
    ///
    /// # Errors
    /// That of `read`, if a page cannot be read now, or if a newer version wrote it.
    pub(super) fn load(
        found: &[String],
        is_new: bool,
        read: impl Fn(&str) -> Result<Option<Vec<u8>>>,
    ) -> Result<(StoredKeys, Missing)> {
        // No call accepts a longer name, and a page cannot hold it.
        let is_usable = |key: &&str| key::event(key).is_some_and(|name| name.len() <= MAX_NAME_BYTES);
        let stored: BTreeSet<&str> = found.iter().map(String::as_str).filter(is_usable).collect();
        let (mut keys, mut missing) = (Keys::default(), Missing::default());
        let mut pages = page_count(found);
        if pages == 0 {
            keys.load_page(0, []);
            keys.mark_changed(0);
            missing.unknown = !is_new;
        }
        let mut page = 0;
        while page < pages {
            let name = page_name(page);
            let bytes = match read(&name) {
                // A missing page is treated like a damaged one: an empty value cannot be decoded.
                Ok(bytes) => bytes.unwrap_or_default(),
                Err(Error::Corrupt { .. }) => Vec::new(),
                Err(error) => return Err(error),
            };
            if let Ok((count, entries)) = codec::stored_keys(&bytes) {
                pages = pages.max(count);
                keys.load_page(page, entries.into_iter().map(|key| (hash(key), key.into())));
            } else {
                report!(error, "a list of the storage is damaged or missing: {name}");
                missing.unknown = true;
                // The next write replaces it, also if no key is added to it.
                keys.load_page(page, []);
                keys.mark_changed(page);
            }
            page += 1;
        }
        let listed = keys.iter().map(|(_, key)| key.to_string());
        missing.keys = listed.filter(|key| !stored.contains(&**key)).collect();
        missing.keys.iter().for_each(|key| _ = keys.remove(&hash(key)));
        for key in stored {
            let hash = hash(key);
            if !keys.contains(&hash) {
                insert(&mut keys, hash, key.into());
            }
        }
        Ok((StoredKeys { keys: Mutex::new(keys) }, missing))
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.keys.lock().contains(&hash(key))
    }

    /// Adds the keys that are not among `found`.
    pub(super) fn add_missing(&self, found: &mut Vec<String>) {
        let hashes: HashSet<u128> = found.iter().map(|key| hash(key)).collect();
        let keys = self.keys.lock();
        let missing = keys.iter().filter(|(hash, _)| !hashes.contains(hash));
        found.extend(missing.map(|(_, key)| key.to_string()));
    }

    /// Begins a write. `changes` are the keys of its values, each with whether it is stored
    /// (otherwise it is removed).
    pub(super) fn change<'a>(&self, changes: impl Iterator<Item = (&'a str, bool)>) -> KeysChange<'_> {
        let keys = self.keys.lock();
        let (mut added, mut removed, mut removes_value) = (Vec::new(), Vec::new(), false);
        for (key, is_stored) in changes {
            let hash = hash(key);
            removes_value |= !is_stored;
            match (is_stored, keys.contains(&hash)) {
                (true, false) => added.push((hash, key.into())),
                (false, true) => removed.push(hash),
                _ => {}
            }
        }
        drop(keys);
        KeysChange { of: self, added, removed, removes_value, pages: Vec::new(), is_kept: false }
    }
}

/// A change of the list during a write. If it is dropped without `keep`, the write has failed.
pub(super) struct KeysChange<'a> {
    of: &'a StoredKeys,
    added: Vec<(u128, Box<str>)>,
    removed: Vec<u128>,
    /// Whether a value is removed. After a failed write the storage can list it although it is not
    /// among `removed`.
    removes_value: bool,
    /// The pages that were taken for writing.
    pages: Vec<u32>,
    is_kept: bool,
}

impl KeysChange<'_> {
    /// The pages to be saved before values are removed.
    pub(super) fn without_removed(&mut self) -> Vec<(String, Vec<u8>)> {
        if !self.removes_value {
            return Vec::new();
        }
        let mut keys = self.of.keys.lock();
        self.removed.iter().for_each(|hash| _ = keys.remove(hash));
        take(&mut keys, &mut self.pages)
    }

    /// The pages to be saved after values were stored.
    pub(super) fn with_added(&mut self) -> Vec<(String, Vec<u8>)> {
        let mut keys = self.of.keys.lock();
        self.added.iter().for_each(|(hash, key)| insert(&mut keys, *hash, key.clone()));
        take(&mut keys, &mut self.pages)
    }

    /// Keeps the change, because the write has succeeded.
    pub(super) fn keep(&mut self) {
        self.is_kept = true;
    }
}

impl Drop for KeysChange<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // It is not known whether the values are stored. The safe answer is to list fewer keys: a
        // value that is not listed is never reported as lost.
        let mut keys = self.of.keys.lock();
        self.added.iter().for_each(|(hash, _)| _ = keys.remove(hash));
        self.pages.iter().for_each(|page| keys.mark_changed(*page));
    }
}

/// Adds a key. If that needs a new page, the first page is written too, with the new number of
/// pages.
fn insert(keys: &mut Keys, hash: u128, key: Box<str>) {
    let before = keys.pages();
    keys.insert(hash, key);
    if keys.pages() > before {
        keys.mark_changed(0);
    }
}

/// The name and the encoded bytes of each page that changed, in the order in which they have to be
/// saved: the first page follows the pages that it counts. Their numbers are added to `taken`.
fn take(keys: &mut Keys, taken: &mut Vec<u32>) -> Vec<(String, Vec<u8>)> {
    let changed = keys.take_changed();
    taken.extend(&changed);
    let page = |page: u32| {
        let mut bytes = Vec::new();
        let entries = keys.page(page).iter().map(|(_, key)| &**key);
        codec::put_stored_keys(keys.pages(), entries, &mut bytes);
        (page_name(page), bytes)
    };
    changed.into_iter().rev().map(page).collect()
}

/// The beginning of the name of each page. The number of the page follows.
const LIST: &str = "names-";

fn page_name(page: u32) -> String {
    format!("{LIST}{page}")
}

/// How many pages of the list a storage with these keys has. Missing pages before the last one are
/// included.
fn page_count(keys: &[String]) -> u32 {
    let prefix = key::reserved(LIST);
    let number = |key: &String| key.strip_prefix(&prefix)?.parse().ok().filter(|page| *page < MAX_PAGES);
    keys.iter().filter_map(number).max().map_or(0, |last: u32| last + 1)
}

fn hash(key: &str) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    hasher.finish128().as_u128()
}
