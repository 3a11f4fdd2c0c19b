//! Which events a `Storage` holds.
//!
//! The names are stored in a list. A name is added after its event was stored, and removed before
//! its event is deleted. So if the event of a listed name is missing, it was lost. Each page holds
//! how many pages there are, so a missing last page was lost too.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hasher;

use parking_lot::Mutex;
use siphasher::sip128::{Hasher128, SipHasher13};

use super::report::report;
use crate::bounds::{MAX_NAME_BYTES, MAX_PAGES};
use crate::codec;
use crate::engine::PagedMap;
use crate::error::{Error, Result};
use crate::storage::key;

/// Names by the hash of the name.
type Names = PagedMap<u128, Box<str>>;

pub(super) struct StoredNames {
    names: Mutex<Names>,
}

/// What is missing in a storage.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// The names of events.
    pub(super) events: Vec<String>,
    /// Whether a page of the names is damaged or missing. It is then not known which events were
    /// lost.
    pub(super) unknown: bool,
}

impl StoredNames {
    /// Loads the names and finds what is missing. `keys` are all keys of the storage, and `read`
    /// reads a record of the store. A storage that is not new has at least one page of names.
    ///
    /// # Errors
    /// That of `read`, if a page cannot be read now, or if a newer version wrote it.
    pub(super) fn load(
        keys: &[String],
        is_new: bool,
        read: impl Fn(&str) -> Result<Option<Vec<u8>>>,
    ) -> Result<(StoredNames, Missing)> {
        // No call accepts a longer name, and a page cannot hold it.
        let is_usable = |name: &String| name.len() <= MAX_NAME_BYTES;
        let stored: BTreeSet<String> =
            keys.iter().filter_map(|key| key::event(key)).filter(is_usable).collect();
        let (mut names, mut missing) = (Names::default(), Missing::default());
        let mut pages = page_count(keys);
        if pages == 0 {
            names.load_page(0, []);
            names.mark_changed(0);
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
            if let Ok((count, entries)) = codec::stored_names(&bytes) {
                pages = pages.max(count);
                names.load_page(page, entries.into_iter().map(|name| (hash(name), name.into())));
            } else {
                report!(error, "a list of the storage is damaged or missing: {name}");
                missing.unknown = true;
                // The next write replaces it, also if no name is added to it.
                names.load_page(page, []);
                names.mark_changed(page);
            }
            page += 1;
        }
        let listed = names.iter().map(|(_, name)| name.to_string());
        missing.events = listed.filter(|name| !stored.contains(name)).collect();
        missing.events.iter().for_each(|name| _ = names.remove(&hash(name)));
        for name in stored {
            let hash = hash(&name);
            if !names.contains(&hash) {
                insert(&mut names, hash, name.into());
            }
        }
        Ok((StoredNames { names: Mutex::new(names) }, missing))
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.lock().contains(&hash(name))
    }

    /// Adds the names that are not among `listed`.
    pub(super) fn add_missing(&self, listed: &mut Vec<String>) {
        let hashes: HashSet<u128> = listed.iter().map(|name| hash(name)).collect();
        let names = self.names.lock();
        let missing = names.iter().filter(|(hash, _)| !hashes.contains(hash));
        listed.extend(missing.map(|(_, name)| name.to_string()));
    }

    /// Begins a write. `changes` are the names of its events, each with whether it is stored
    /// (otherwise it is removed).
    pub(super) fn change<'a>(&self, changes: impl Iterator<Item = (&'a str, bool)>) -> NamesChange<'_> {
        let names = self.names.lock();
        let (mut added, mut removed, mut removes_event) = (Vec::new(), Vec::new(), false);
        for (name, is_stored) in changes {
            let hash = hash(name);
            removes_event |= !is_stored;
            match (is_stored, names.contains(&hash)) {
                (true, false) => added.push((hash, name.into())),
                (false, true) => removed.push(hash),
                _ => {}
            }
        }
        drop(names);
        NamesChange { of: self, added, removed, removes_event, pages: Vec::new(), is_kept: false }
    }
}

/// A change of the names during a write. If it is dropped without `keep`, the write has failed.
pub(super) struct NamesChange<'a> {
    of: &'a StoredNames,
    added: Vec<(u128, Box<str>)>,
    removed: Vec<u128>,
    /// Whether an event is removed. After a failed write the storage can list it although it is not
    /// among `removed`.
    removes_event: bool,
    /// The pages that were taken for writing.
    pages: Vec<u32>,
    is_kept: bool,
}

impl NamesChange<'_> {
    /// The pages to be saved before events are removed.
    pub(super) fn without_removed(&mut self) -> Vec<(String, Vec<u8>)> {
        if !self.removes_event {
            return Vec::new();
        }
        let mut names = self.of.names.lock();
        self.removed.iter().for_each(|hash| _ = names.remove(hash));
        take(&mut names, &mut self.pages)
    }

    /// The pages to be saved after events were stored.
    pub(super) fn with_added(&mut self) -> Vec<(String, Vec<u8>)> {
        let mut names = self.of.names.lock();
        self.added.iter().for_each(|(hash, name)| insert(&mut names, *hash, name.clone()));
        take(&mut names, &mut self.pages)
    }

    /// Keeps the change, because the write has succeeded.
    pub(super) fn keep(&mut self) {
        self.is_kept = true;
    }
}

impl Drop for NamesChange<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // It is not known whether the events are stored. The safe answer is to list fewer names: an
        // event that is not listed is never reported as lost.
        let mut names = self.of.names.lock();
        self.added.iter().for_each(|(hash, _)| _ = names.remove(hash));
        self.pages.iter().for_each(|page| names.mark_changed(*page));
    }
}

/// Adds a name. If that needs a new page, the first page is written too, with the new number of
/// pages.
fn insert(names: &mut Names, hash: u128, name: Box<str>) {
    let before = names.pages();
    names.insert(hash, name);
    if names.pages() > before {
        names.mark_changed(0);
    }
}

/// The name and the encoded bytes of each page that changed, in the order in which they have to be
/// saved: the first page follows the pages that it counts. Their numbers are added to `taken`.
fn take(names: &mut Names, taken: &mut Vec<u32>) -> Vec<(String, Vec<u8>)> {
    let changed = names.take_changed();
    taken.extend(&changed);
    let page = |page: u32| {
        let mut bytes = Vec::new();
        let entries = names.page(page).iter().map(|(_, name)| &**name);
        codec::put_stored_names(names.pages(), entries, &mut bytes);
        (page_name(page), bytes)
    };
    changed.into_iter().rev().map(page).collect()
}

/// The beginning of the name of each page. The number of the page follows.
const LIST: &str = "names-";

fn page_name(page: u32) -> String {
    format!("{LIST}{page}")
}

/// How many pages of names a storage with these keys has. Missing pages before the last one are
/// included.
fn page_count(keys: &[String]) -> u32 {
    let prefix = key::reserved(LIST);
    let number = |key: &String| key.strip_prefix(&prefix)?.parse().ok().filter(|page| *page < MAX_PAGES);
    keys.iter().filter_map(number).max().map_or(0, |last: u32| last + 1)
}

fn hash(name: &str) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    hasher.finish128().as_u128()
}
