//! The events in memory, by name.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::entry::Entry;

/// Whether two names are equal. Names of 8 to 16 bytes, as most are, are compared without a call.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.first_chunk::<8>(), one.last_chunk::<8>(), other.first_chunk(), other.last_chunk()) {
        (Some(first), Some(last), Some(begin), Some(end)) if one.len() <= 16 => first == begin && last == end,
        _ => one == other,
    }
}

/// A hash table whose entries hold their names, so that a slot is one pointer.
#[derive(Default)]
pub(crate) struct EventTable {
    table: HashTable<Box<Entry>>,
    hasher: RandomState,
    /// How often events were removed.
    removals: u64,
}

impl EventTable {
    #[inline]
    fn hash(hasher: &RandomState, name: &[u8]) -> u64 {
        let mut state = hasher.build_hasher();
        state.write(name);
        state.finish()
    }

    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        let hash = Self::hash(&self.hasher, name.as_bytes());
        self.table.find(hash, |entry| same(entry.name.as_bytes(), name.as_bytes())).map(Box::as_ref)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Entry> {
        let hash = Self::hash(&self.hasher, name.as_bytes());
        self.table.find_mut(hash, |entry| same(entry.name.as_bytes(), name.as_bytes())).map(Box::as_mut)
    }

    /// A number that changes whenever events are removed.
    pub(crate) fn removals(&self) -> u64 {
        self.removals
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds an event, or replaces the one of the same name.
    pub(crate) fn insert(&mut self, entry: Entry) -> &mut Entry {
        let EventTable { table, hasher, .. } = self;
        let hash = Self::hash(hasher, entry.name.as_bytes());
        let slot = table.entry(
            hash,
            |known| known.name == entry.name,
            |known| Self::hash(hasher, known.name.as_bytes()),
        );
        slot.insert(Box::new(entry)).into_mut()
    }

    pub(crate) fn remove(&mut self, name: &str) {
        let hash = Self::hash(&self.hasher, name.as_bytes());
        if let Ok(slot) = self.table.find_entry(hash, |entry| &*entry.name == name) {
            slot.remove();
            self.removals += 1;
        }
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        self.table.retain(|entry| keep(entry));
        self.removals += 1;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.table.iter().map(Box::as_ref)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.table.iter_mut().map(Box::as_mut)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|entry| &*entry.name)
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        let hasher = &self.hasher;
        self.table.shrink_to_fit(|entry| Self::hash(hasher, entry.name.as_bytes()));
    }

    /// The bytes of memory that the events take.
    pub(crate) fn heap(&self) -> usize {
        self.table.allocation_size() + self.iter().map(Entry::heap).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_only_byte_by_byte() {
        let text = b"abcdefghijklmnopqrstuvwxyz";
        let copy = text.to_vec();
        for length in 0..text.len() {
            assert!(same(&text[..length], &copy[..length]));
            assert!(!same(&text[..length], &text[..length + 1]));
            for index in 0..length {
                let mut other = text[..length].to_vec();
                other[index] ^= 1;
                assert!(!same(&text[..length], &other), "{length} {index}");
            }
        }
    }
}
