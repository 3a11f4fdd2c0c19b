//! The lists of the store. They are stored in pages, and only changed pages are written.

use super::Engine;
use super::lanes::{Claim, LaneFacts, Lanes};
use crate::codec::{self, ClaimRecord, LaneRecord, Malformed};
use crate::counter::lane::{CellKey, LaneId};

/// A list of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// The cells that are erased one by one.
    Erased,
    /// The events that may have stored reservations, on one page.
    Reserved,
    /// What is known of lanes and has to be stored before the events.
    Lanes,
    /// What the store claims to have of other lanes.
    Claims,
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
    /// Erasures, issued stamps and the names of events with reservations are stored before the
    /// events that they concern. Claims follow the events, because only cells that are stored may
    /// be claimed. If they are lower than before, empty pages are written before the events too. If
    /// a write removes events with reservations, the list without them follows the events.
    pub(crate) fn precedes_events(self) -> bool {
        self != List::Claims
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
            List::Claims => "claims",
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
    /// Returns the pages that have to be written and marks them as unchanged. Claims are included
    /// only with `writes_all`: a write that leaves out merged events must not store what claims
    /// them.
    pub(super) fn take_changed_pages(&mut self, writes_all: bool) -> Vec<PageId> {
        let of = |list: List, pages: Vec<u32>| pages.into_iter().map(move |page| PageId { list, page });
        let lanes = of(List::Lanes, self.lanes.facts.take_changed());
        let erased = of(List::Erased, self.lanes.erased.take_changed());
        let claims = if writes_all { self.lanes.claims.take_changed() } else { Vec::new() };
        let is_changed = std::mem::take(&mut self.reserved.is_changed);
        let reserved = is_changed.then_some(PageId { list: List::Reserved, page: 0 });
        lanes.chain(erased).chain(reserved).chain(of(List::Claims, claims)).collect()
    }

    /// Marks a page as changed again, because it could not be written.
    pub(super) fn mark_page_changed(&mut self, PageId { list, page }: PageId) {
        match list {
            List::Erased => self.lanes.erased.mark_changed(page),
            List::Reserved => self.reserved.is_changed = true,
            List::Lanes => self.lanes.facts.mark_changed(page),
            List::Claims => self.lanes.claims.mark_changed(page),
        }
    }

    /// Marks every page as changed, because the storage may have lost some of them.
    pub(crate) fn mark_all_pages_changed(&mut self) {
        (0..self.lanes.erased.pages()).for_each(|page| self.lanes.erased.mark_changed(page));
        (0..self.lanes.facts.pages()).for_each(|page| self.lanes.facts.mark_changed(page));
        (0..self.lanes.claims.pages()).for_each(|page| self.lanes.claims.mark_changed(page));
        self.reserved.is_changed = self.reserved.has_page;
    }

    pub(super) fn has_changed_pages(&self) -> bool {
        let Lanes { facts, claims, erased, .. } = &self.lanes;
        facts.has_changed() || claims.has_changed() || erased.has_changed() || self.reserved.is_changed
    }

    /// How many pages each list has.
    pub(super) fn page_counts(&self) -> [u32; 4] {
        let Lanes { facts, claims, erased, .. } = &self.lanes;
        [erased.pages(), self.reserved.has_page.into(), facts.pages(), claims.pages()]
    }

    /// All pages of the claims.
    pub(super) fn claim_pages(&self) -> impl Iterator<Item = PageId> + use<> {
        (0..self.lanes.claims.pages()).map(|page| PageId { list: List::Claims, page })
    }

    /// Appends the stored form of an empty page of claims.
    pub(super) fn put_empty_page(out: &mut Vec<u8>) {
        codec::put_claim_page(&[], out);
    }

    /// Appends the stored form of a page.
    pub(super) fn put_page(&self, PageId { list, page }: PageId, out: &mut Vec<u8>) {
        let Lanes { facts, claims, erased, .. } = &self.lanes;
        match list {
            List::Erased => {
                let record = |(key, ()): &(CellKey, ())| (key.lane.0, codec::stamp_record(key.birth));
                codec::put_erased_page(&erased.page(page).iter().map(record).collect::<Vec<_>>(), out);
            }
            List::Reserved => codec::put_name_page(self.reserved.names.iter().map(|name| &**name), out),
            List::Lanes => {
                let record = |(lane, facts): &(LaneId, LaneFacts)| LaneRecord {
                    lane: lane.0,
                    issued: (&facts.issued).into(),
                    counted: (&facts.counted).into(),
                    legacy: facts.legacy,
                    erased: (&facts.erased).into(),
                };
                codec::put_lane_page(&facts.page(page).iter().map(record).collect::<Vec<_>>(), out);
            }
            List::Claims => {
                let record = |(lane, claim): &(LaneId, Claim)| ClaimRecord {
                    lane: lane.0,
                    claim: (&claim.stamps).into(),
                    is_forked: claim.is_forked,
                    beside: (&claim.beside).into(),
                };
                codec::put_claim_page(&claims.page(page).iter().map(record).collect::<Vec<_>>(), out);
            }
        }
    }

    /// Puts an empty page in the place of a damaged one. The next write stores it.
    pub(crate) fn load_empty_page(&mut self, id @ PageId { list, page }: PageId) {
        match list {
            List::Erased => self.lanes.erased.load_page(page, []),
            List::Reserved => {}
            List::Lanes => self.lanes.facts.load_page(page, []),
            List::Claims => self.lanes.claims.load_page(page, []),
        }
        self.mark_page_changed(id);
    }

    /// Adds the entries of a stored page.
    ///
    /// # Errors
    /// `Malformed` for bytes that are not a page of this list. Nothing is added then.
    pub(crate) fn load_page(&mut self, PageId { list, page }: PageId, bytes: &[u8]) -> Result<(), Malformed> {
        match list {
            List::Erased => {
                let key = |(lane, birth)| CellKey { lane: LaneId(lane), birth: codec::stamp_of(birth) };
                let keys = codec::erased_page(bytes)?.into_iter().map(key).collect();
                self.lanes.load_erased(page, keys);
            }
            List::Reserved => self.reserved.load(&codec::name_page(bytes)?),
            List::Lanes => {
                let facts = |record: LaneRecord| {
                    let LaneRecord { lane, issued, counted, legacy, erased } = record;
                    let (issued, counted, erased) =
                        (issued.coverage()?, counted.coverage()?, erased.coverage()?);
                    Ok((LaneId(lane), LaneFacts { issued, counted, legacy, erased }))
                };
                let facts: Result<Vec<_>, _> = codec::lane_page(bytes)?.into_iter().map(facts).collect();
                self.lanes.load_facts(page, facts?);
                self.renew_legacy_lanes();
            }
            List::Claims => {
                let claim = |ClaimRecord { lane, claim, is_forked, beside }: ClaimRecord| {
                    let (stamps, beside) = (claim.coverage()?, beside.coverage()?);
                    Ok((LaneId(lane), Claim { stamps, is_forked, beside }))
                };
                let claims: Result<Vec<_>, _> = codec::claim_page(bytes)?.into_iter().map(claim).collect();
                self.lanes.claims.load_page(page, claims?);
            }
        }
        Ok(())
    }
}
