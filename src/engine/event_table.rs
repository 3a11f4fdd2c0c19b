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

/// How many slots of the table a portion has.
const PORTION_SLOTS: usize = 2_048;

/// A hash table whose entries hold their names, so that a slot is one pointer.
#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct EventTable {
    table: HashTable<Box<Entry>>,
    hasher: RandomState,
    /// How often events were removed.
    removals: u64,
    /// How often entries may have been moved to other slots.
    moves: u64,
    #[cfg(test)]
    pub(crate) visits: super::visits::Visits,
}

/// The position of a pass over all events.
#[derive(Default)]
pub(crate) struct Pass {
    slot: usize,
    /// `EventTable::moves` when the pass began.
    moves: u64,
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
        let found = self.table.find(hash, |entry| same(entry.name.as_bytes(), name.as_bytes()));
        found.map(|entry| self.visited(entry))
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

    /// Continues the number of a table that this one replaces, so that what was read for that one
    /// is not added to this one.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn follow(&mut self, replaced: &EventTable) {
        self.removals = replaced.removals + 1;
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds an event, or replaces the one of the same name.
    pub(crate) fn insert(&mut self, entry: Entry) -> &mut Entry {
        // If the table is full, it grows or is rearranged.
        self.moves += u64::from(self.table.len() == self.table.capacity());
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

    /// The next portion of a pass; absent at the end. Events may be added and removed between two
    /// portions. An event that is in memory during the whole pass is in at least one portion, and
    /// in more than one if the pass has to begin anew because entries were moved.
    pub(crate) fn next_portion(&self, pass: &mut Pass) -> Option<impl Iterator<Item = &Entry>> {
        if pass.moves != self.moves {
            *pass = Pass { slot: 0, moves: self.moves };
        }
        let slots = pass.slot..self.table.num_buckets().min(pass.slot + PORTION_SLOTS);
        pass.slot = slots.end;
        let entries = |slots: std::ops::Range<usize>| {
            slots.filter_map(|slot| self.table.get_bucket(slot)).map(|entry| self.visited(entry))
        };
        (!slots.is_empty()).then(|| entries(slots))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.table.iter().map(|entry| self.visited(entry))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        #[cfg(test)]
        self.visits.add(self.table.len());
        self.table.iter_mut().map(Box::as_mut)
    }

    /// Returns the entry, and counts the visit in tests.
    #[inline]
    fn visited<'e>(&self, entry: &'e Entry) -> &'e Entry {
        #[cfg(test)]
        self.visits.add(1);
        entry
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|entry| &*entry.name)
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.moves += 1;
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
    use std::collections::BTreeSet;

    use super::*;

    fn add(table: &mut EventTable, names: impl IntoIterator<Item = usize>) {
        for name in names {
            table.insert(Entry::new(&name.to_string()));
        }
    }

    /// The names in all portions. `between` is called after each portion with its number.
    fn visited(
        table: &mut EventTable,
        mut between: impl FnMut(&mut EventTable, usize),
    ) -> (BTreeSet<String>, usize) {
        let (mut pass, mut names, mut portions) = (Pass::default(), BTreeSet::new(), 0);
        loop {
            let before = names.len();
            let Some(portion) = table.next_portion(&mut pass) else { break };
            names.extend(portion.map(|entry| entry.name.to_string()));
            assert!(names.len() - before <= PORTION_SLOTS);
            portions += 1;
            between(table, portions);
        }
        (names, portions)
    }

    #[test]
    fn a_pass_visits_every_event_although_others_are_added_and_removed_between_its_portions() {
        const EVENTS: usize = 3_580;
        assert!(visited(&mut EventTable::default(), |_, _| ()).0.is_empty());
        for added in [0, 10, 5_000] {
            for shrinks in [false, true] {
                // Most entries keep their order when a table grows, so many tables are tried.
                for _ in 0..20 {
                    let mut table = EventTable::default();
                    add(&mut table, 0..EVENTS);
                    let (names, portions) = visited(&mut table, |table, portion| {
                        if portion == 1 {
                            assert_eq!(table.table.capacity(), 3_584, "it is nearly full");
                            add(table, EVENTS..EVENTS + added);
                        } else if portion == 2 && shrinks {
                            table.retain(|entry| entry.name.parse::<usize>().unwrap() < EVENTS);
                            table.shrink_to_fit();
                        }
                    });
                    assert!(portions >= 2);
                    assert!((0..EVENTS).all(|name| names.contains(&name.to_string())));
                }
            }
        }
    }

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
