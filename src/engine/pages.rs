//! The lists of the store. They are stored in pages, and only changed pages are written.

use super::Engine;
use crate::bounds::{MAX_GENERATION, MAX_STAMP};
use crate::codec::{self, Malformed};
use crate::counter::lane::Generation;

/// A list of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// The erased events.
    Erased,
    /// The events that may have stored reservations, on one page.
    Reserved,
    /// The version vector.
    Lanes,
}

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageId {
    pub(crate) list: List,
    pub(crate) page: u32,
}

impl List {
    /// Whether its pages are written before the events.
    ///
    /// Erasures and the names of events with reservations are stored before the events that they
    /// concern. The version vector follows the events, because it may claim only cells that are
    /// stored. If it claims less than before, empty pages are written before the events too. If a
    /// write removes events with reservations, the list without them follows the events.
    pub(crate) fn precedes_events(self) -> bool {
        self != List::Lanes
    }

    /// Whether the record of this name is a page of this list.
    pub(crate) fn has_record(self, name: &str) -> bool {
        name.split_once('-').is_some_and(|(list, _)| list == self.name())
    }

    fn name(self) -> &'static str {
        match self {
            List::Erased => "erased",
            List::Reserved => "reserved",
            List::Lanes => "lanes",
        }
    }
}

impl PageId {
    /// The name of the record that holds the page.
    pub(crate) fn name(self) -> String {
        format!("{}-{}", self.list.name(), self.page)
    }
}

impl Engine {
    /// Returns the pages that have to be written and marks them as unchanged. Pages of the version
    /// vector are included only with `writes_all`: a write that leaves out merged events must not
    /// store what the version vector claims of them.
    pub(super) fn take_changed_pages(&mut self, writes_all: bool) -> Vec<PageId> {
        let of = |list: List, pages: Vec<u32>| pages.into_iter().map(move |page| PageId { list, page });
        let erased = of(List::Erased, self.erased.take_changed());
        let lanes = if writes_all { self.version_vector.take_changed() } else { Vec::new() };
        let is_changed = std::mem::take(&mut self.reserved.is_changed);
        let reserved = is_changed.then_some(PageId { list: List::Reserved, page: 0 });
        erased.chain(reserved).chain(of(List::Lanes, lanes)).collect()
    }

    /// Marks a page as changed again, because it could not be written.
    pub(super) fn mark_page_changed(&mut self, PageId { list, page }: PageId) {
        match list {
            List::Erased => self.erased.mark_changed(page),
            List::Reserved => self.reserved.is_changed = true,
            List::Lanes => self.version_vector.mark_changed(page),
        }
    }

    /// Marks every page as changed, because the storage may have lost some of them.
    pub(crate) fn mark_all_pages_changed(&mut self) {
        (0..self.erased.pages()).for_each(|page| self.erased.mark_changed(page));
        (0..self.version_vector.pages()).for_each(|page| self.version_vector.mark_changed(page));
        self.reserved.is_changed = true;
    }

    /// Whether a page has to be written.
    pub(super) fn has_changed_pages(&self) -> bool {
        self.erased.has_changed() || self.reserved.is_changed || self.version_vector.has_changed()
    }

    /// How many pages the lists have: of erased events, of events with reservations, and of lanes.
    pub(super) fn page_counts(&self) -> [u32; 3] {
        [self.erased.pages(), u32::from(self.reserved.has_page), self.version_vector.pages()]
    }

    /// All pages of the version vector.
    pub(super) fn version_vector_pages(&self) -> impl Iterator<Item = PageId> + use<> {
        (0..self.version_vector.pages()).map(|page| PageId { list: List::Lanes, page })
    }

    /// Appends the stored form of an empty page of the version vector.
    pub(super) fn put_empty_page(out: &mut Vec<u8>) {
        codec::put_number_page(&[], out);
    }

    /// Appends the stored form of a page.
    pub(super) fn put_page(&self, PageId { list, page }: PageId, out: &mut Vec<u8>) {
        match list {
            List::Erased => codec::put_number_page(self.erased.page(page), out),
            List::Reserved => codec::put_name_page(self.reserved.names.iter().map(|name| &**name), out),
            List::Lanes => codec::put_number_page(self.version_vector.page(page), out),
        }
    }

    /// Puts an empty page in the place of a damaged one. The next write stores it.
    pub(crate) fn load_empty_page(&mut self, id @ PageId { list, page }: PageId) {
        match list {
            List::Erased => self.erased.load_page(page, []),
            List::Reserved => {}
            List::Lanes => self.version_vector.load_page(page, []),
        }
        self.mark_page_changed(id);
    }

    /// Adds the entries of a stored page.
    ///
    /// # Errors
    /// `Malformed` for bytes that are not a page of this list. Nothing is added then.
    pub(crate) fn load_page(&mut self, PageId { list, page }: PageId, bytes: &[u8]) -> Result<(), Malformed> {
        let is_generation = |number: u64| {
            let Generation { store, event } = Generation::from_number(number);
            store.max(event) <= MAX_GENERATION
        };
        match list {
            List::Erased => self.erased.load_page(page, codec::number_page(bytes, is_generation)?),
            List::Reserved => {
                self.reserved.load(&codec::name_page(bytes)?);
            }
            List::Lanes => {
                self.version_vector.load_page(page, codec::number_page(bytes, |stamp| stamp <= MAX_STAMP)?);
            }
        }
        Ok(())
    }
}
