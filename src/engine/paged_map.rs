//! A map that is stored in pages. Only changed pages are written.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use crate::bounds::{MAX_PAGE_ENTRIES, MAX_PAGES};

/// A map whose entries are divided into pages of at most `MAX_PAGE_ENTRIES`. A page is stored as
/// one record, so a change writes one page, however many entries there are.
#[derive(Debug, Clone)]
pub(crate) struct PagedMap<K, V> {
    pages: Vec<Page<K, V>>,
    /// For each key, its page and its index in the page.
    places: HashMap<K, (u32, u32), RandomState>,
    /// All pages before this one are full.
    first_with_room: usize,
}

#[derive(Debug, Clone)]
struct Page<K, V> {
    entries: Vec<(K, V)>,
    /// Whether it changed since it was taken for writing.
    is_changed: bool,
}

impl<K, V> Default for PagedMap<K, V> {
    fn default() -> Self {
        PagedMap { pages: Vec::new(), places: HashMap::default(), first_with_room: 0 }
    }
}

impl<K: Clone + Eq + Hash, V> PagedMap<K, V> {
    /// How many pages there are, empty ones included.
    pub(crate) fn pages(&self) -> u32 {
        number(self.pages.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.places.contains_key(key)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let (page, at) = self.place(key)?;
        self.pages.get(page)?.entries.get(at).map(|(_, value)| value)
    }

    /// All entries, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pages.iter().flat_map(|page| &page.entries).map(|(key, value)| (key, value))
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let place = self.place(&key);
        let page = place.map_or_else(|| self.page_with_room(), |(page, _)| page);
        let Some(Page { entries, is_changed }) = self.pages.get_mut(page) else { return };
        *is_changed = true;
        match place.and_then(|(_, at)| entries.get_mut(at)) {
            Some(entry) => entry.1 = value,
            None => {
                self.places.insert(key.clone(), (number(page), number(entries.len())));
                entries.push((key, value));
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (page, at) = self.place(key)?;
        let Page { entries, is_changed } = self.pages.get_mut(page)?;
        if at >= entries.len() {
            return None;
        }
        let (_, value) = entries.swap_remove(at);
        *is_changed = true;
        self.places.remove(key);
        if let Some((moved, _)) = entries.get(at) {
            self.places.insert(moved.clone(), (number(page), number(at)));
        }
        self.first_with_room = self.first_with_room.min(page);
        Some(value)
    }

    /// Adds a page that was read from the storage. A key that is known already is left out, and the
    /// page counts as changed: it would bring the key back after the other page gave it up.
    pub(crate) fn load_page(&mut self, page: u32, entries: impl IntoIterator<Item = (K, V)>) {
        let page = index(page);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, Page::empty);
        }
        let Some(Page { entries: known, is_changed }) = self.pages.get_mut(page) else { return };
        for (key, value) in entries {
            if self.places.contains_key(&key) {
                *is_changed = true;
                continue;
            }
            self.places.insert(key.clone(), (number(page), number(known.len())));
            known.push((key, value));
        }
    }

    /// The entries of a page.
    pub(crate) fn page(&self, page: u32) -> &[(K, V)] {
        self.pages.get(index(page)).map_or(&[], |page| &page.entries)
    }

    /// Returns the pages that changed and marks them as unchanged.
    pub(crate) fn take_changed(&mut self) -> Vec<u32> {
        let pages = self.pages.iter_mut().enumerate();
        let changed =
            pages.filter_map(|(at, page)| std::mem::take(&mut page.is_changed).then_some(number(at)));
        changed.collect()
    }

    pub(crate) fn has_changed(&self) -> bool {
        self.pages.iter().any(|page| page.is_changed)
    }

    /// Marks a page as changed again, because it could not be written.
    pub(crate) fn mark_changed(&mut self, page: u32) {
        if let Some(page) = self.pages.get_mut(index(page)) {
            page.is_changed = true;
        }
    }

    fn place(&self, key: &K) -> Option<(usize, usize)> {
        self.places.get(key).map(|(page, at)| (index(*page), index(*at)))
    }

    /// The page for a new entry: the first one with room, or a new page.
    fn page_with_room(&mut self) -> usize {
        let has_room = |page: &Page<K, V>| page.entries.len() < MAX_PAGE_ENTRIES;
        let rest = self.pages.get(self.first_with_room..).unwrap_or_default();
        self.first_with_room += rest.iter().take_while(|page| !has_room(page)).count();
        if self.first_with_room >= self.pages.len() {
            if number(self.pages.len()) >= MAX_PAGES {
                return self.pages.len() - 1;
            }
            self.pages.push(Page::empty());
        }
        self.first_with_room
    }
}

impl<K, V> Page<K, V> {
    fn empty() -> Page<K, V> {
        Page { entries: Vec::new(), is_changed: false }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_paged_map_is_a_map_and_its_written_pages_hold_it(
            steps in prop::collection::vec((0u16..600, 0u8..4), 0..1_500),
        ) {
            let mut map: PagedMap<u16, usize> = PagedMap::default();
            let (mut model, mut stored) = (BTreeMap::new(), BTreeMap::new());
            for (step, (key, what)) in steps.into_iter().enumerate() {
                match what {
                    0 => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                    1 => for page in map.take_changed() {
                        stored.insert(page, map.page(page).to_vec());
                    },
                    _ => {
                        map.insert(key, step);
                        model.insert(key, step);
                    }
                }
                prop_assert_eq!(map.get(&key), model.get(&key));
                prop_assert_eq!(map.len(), model.len());
            }
            for page in map.take_changed() {
                stored.insert(page, map.page(page).to_vec());
            }
            prop_assert!(stored.values().all(|page| page.len() <= MAX_PAGE_ENTRIES));
            let mut loaded: PagedMap<u16, usize> = PagedMap::default();
            for (page, entries) in stored {
                loaded.load_page(page, entries);
            }
            let sorted = |map: &PagedMap<u16, usize>| {
                map.iter().map(|(key, value)| (*key, *value)).collect::<BTreeMap<_, _>>()
            };
            prop_assert_eq!(sorted(&loaded), model.clone());
            prop_assert_eq!(sorted(&map), model);
        }
    }

    #[test]
    fn a_key_of_two_pages_is_removed_from_the_later_one_at_the_next_write() {
        let mut map: PagedMap<u16, u16> = PagedMap::default();
        map.load_page(0, [(1, 10), (2, 20)]);
        map.load_page(1, [(3, 30), (1, 99)]);
        assert_eq!(map.get(&1), Some(&10));
        assert_eq!(map.take_changed(), [1]);
        assert_eq!(map.page(1), [(3, 30)]);
    }

    #[test]
    fn one_change_among_very_many_entries_changes_one_page() {
        let mut map: PagedMap<u32, ()> = PagedMap::default();
        (0..100_000).for_each(|key| map.insert(key, ()));
        assert_eq!(map.take_changed().len(), 100_000usize.div_ceil(MAX_PAGE_ENTRIES));
        map.remove(&5);
        assert_eq!(map.take_changed(), [0]);
        map.insert(100_001, ());
        assert_eq!(map.take_changed(), [0]);
        assert!(map.take_changed().is_empty());
    }
}
