//! What the store knows of lanes: what it issued, what it claims to have, and what is erased.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hasher;

use foldhash::fast::RandomState;
use siphasher::sip::SipHasher24;

use super::PagedMap;
use crate::bounds::{MAX_ALL_ERASED_BIRTHS, MAX_CLAIMED_OPENINGS, MAX_CLOSED_LANES, MAX_ERASED_BIRTHS};
use crate::counter::coverage::Coverage;
use crate::counter::lane::{CellKey, LaneId};
use crate::counter::stamp::Stamp;

/// All lanes. What precedes the events in the storage and what follows them are separate lists.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Lanes {
    pub(super) facts: PagedMap<LaneId, LaneFacts>,
    pub(super) claims: PagedMap<LaneId, Claim>,
    /// The cells that are erased one by one.
    pub(super) erased: PagedMap<CellKey, ()>,
    /// The births that `erased` has of a lane, so that they are found without the others.
    erased_births: HashMap<LaneId, Vec<Stamp>, RandomState>,
    /// How many lanes are erased as a whole.
    closed: usize,
}

/// What is known of a lane and stored before the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LaneFacts {
    /// Of the own lane, the stamps that earlier openings issued.
    pub(crate) issued: Coverage,
    /// Of these, up to the last stamps that cells got.
    pub(crate) counted: Coverage,
    /// Of another lane that this device counted, the number of its last own stamp. If this store
    /// did not issue its numbers, also the number that it issued when it took in what the lane
    /// counted.
    pub(crate) legacy: Option<(u64, Option<u64>)>,
    /// All cells with a birth of these stamps are erased.
    pub(crate) erased: Coverage,
}

/// What the store has of another lane. It is stored after the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    /// It has all cells with these stamps, or knows that they are erased or replaced.
    pub(crate) stamps: Coverage,
    /// Whether two stores counted in one cell of the lane. Its stamps then do not tell the states
    /// of its cells.
    pub(crate) is_forked: bool,
    /// The stamps of cells that it has beside those, up to the highest of each opening.
    pub(crate) beside: Coverage,
}

/// Births are compared in blocks of about 25 days, so that a new erasure sends few others again.
pub(super) fn block(birth: Stamp) -> u64 {
    birth.number >> 31
}

impl Lanes {
    /// Whether a cell is erased.
    #[inline]
    pub(crate) fn is_erased(&self, key: CellKey) -> bool {
        if self.erased.is_empty() && self.facts.is_empty() {
            return false;
        }
        self.erased.contains(&key) || self.facts.get(&key.lane).is_some_and(|lane| lane.erased.has(key.birth))
    }

    /// Erases a cell, because this store was asked to. Nothing else is erased for it, however many
    /// there are.
    pub(super) fn erase(&mut self, key: CellKey) {
        if !self.is_erased(key) {
            self.insert_erased(key);
        }
    }

    /// Erases whole lanes, with what they count later. If there are too many such lanes then, the
    /// store forgets of others that they are erased, those with the lowest ids. So no message makes
    /// it impossible to erase further ones.
    pub(super) fn close(&mut self, lanes: &BTreeSet<LaneId>) {
        for lane in lanes {
            self.erase_all(*lane, &Coverage::all());
        }
        let extra = self.closed.saturating_sub(MAX_CLOSED_LANES);
        if extra == 0 {
            return;
        }
        // What this device counted itself stays erased.
        let is_other =
            |(lane, facts): &(&LaneId, &LaneFacts)| facts.legacy.is_none() && !lanes.contains(*lane);
        let closed = self.facts.iter().filter(|(_, facts)| facts.erased.is_all()).filter(is_other);
        let closed: BTreeSet<LaneId> = closed.map(|(lane, _)| *lane).collect();
        for lane in closed.into_iter().take(extra) {
            self.facts.remove(&lane);
            self.closed = self.closed.saturating_sub(1);
        }
    }

    /// Whether a whole lane is erased.
    pub(super) fn is_closed(&self, lane: LaneId) -> bool {
        self.facts.get(&lane).is_some_and(|facts| facts.erased.is_all())
    }

    /// How many further lanes can be erased as a whole before the store forgets of others that they
    /// are.
    pub(super) fn room_for_closed(&self) -> usize {
        MAX_CLOSED_LANES.saturating_sub(self.closed)
    }

    /// Adds a page of what is known of lanes that was read from the storage.
    pub(super) fn load_facts(&mut self, page: u32, facts: Vec<(LaneId, LaneFacts)>) {
        let is_new =
            |(lane, facts): &&(LaneId, LaneFacts)| facts.erased.is_all() && !self.facts.contains(lane);
        self.closed += facts.iter().filter(is_new).count();
        self.facts.load_page(page, facts);
    }

    fn insert_erased(&mut self, key: CellKey) {
        if !self.erased.contains(&key) {
            self.erased.insert(key, ());
            self.erased_births.entry(key.lane).or_default().push(key.birth);
        }
    }

    /// Adds a page of erased cells that was read from the storage.
    pub(super) fn load_erased(&mut self, page: u32, keys: Vec<CellKey>) {
        let mut new: Vec<CellKey> = keys.iter().filter(|key| !self.erased.contains(key)).copied().collect();
        new.sort_unstable();
        new.dedup();
        new.iter().for_each(|key| self.erased_births.entry(key.lane).or_default().push(key.birth));
        self.erased.load_page(page, keys.into_iter().map(|key| (key, ())));
    }

    /// How many cells of a lane are erased one by one.
    pub(super) fn erased_births(&self, lane: LaneId) -> usize {
        self.erased_births.get(&lane).map_or(0, Vec::len)
    }

    /// Erases cells that a merge brings. Returns whether there are new ones. If there are too many
    /// for the list, the whole lane is erased: no erasure may be left out, and no message may fill
    /// the list for good. A lane that is `kept` is not: nothing is erased if the lanes that are
    /// kept have too many.
    pub(super) fn merge_erased(
        &mut self,
        lane: LaneId,
        births: &[Stamp],
        kept: impl Fn(LaneId) -> bool,
    ) -> bool {
        let keys = births.iter().map(|birth| CellKey { lane, birth: *birth });
        // Counted first, because the list would take far more memory than the message.
        let new = keys.clone().filter(|key| !self.is_erased(*key)).count();
        let is_kept = kept(lane);
        if is_kept && self.erased_cells(&kept) + new > MAX_ALL_ERASED_BIRTHS {
            return false;
        }
        if !is_kept && self.erased_births(lane) + new > MAX_ERASED_BIRTHS {
            self.close(&[lane].into());
        } else {
            keys.for_each(|key| {
                if !self.is_erased(key) {
                    self.insert_erased(key);
                }
            });
        }
        new > 0
    }

    /// How many cells of some lanes are erased one by one.
    fn erased_cells(&self, of: impl Fn(LaneId) -> bool) -> usize {
        self.erased_births.iter().filter(|(lane, _)| of(**lane)).map(|(_, births)| births.len()).sum()
    }

    /// Erases whole lanes, those with the most erased cells first, until the list of them is short
    /// enough. The `kept` lanes stay, and have a list of their own. Returns whether there were any.
    pub(super) fn shorten_erased(&mut self, kept: impl Fn(LaneId) -> bool) -> bool {
        let mut is_shortened = false;
        while self.erased_cells(|lane| !kept(lane)) > MAX_ALL_ERASED_BIRTHS {
            let lanes = self.erased_births.iter().filter(|(lane, _)| !kept(**lane));
            let Some((lane, _)) = lanes.max_by_key(|(lane, births)| (births.len(), **lane)) else { break };
            self.close(&[*lane].into());
            is_shortened = true;
        }
        is_shortened
    }

    /// Erases all cells of a lane with a birth of these stamps. Returns whether that is new.
    pub(super) fn erase_all(&mut self, lane: LaneId, births: &Coverage) -> bool {
        let is_new = !self.facts.get(&lane).map_or(births.is_empty(), |facts| facts.erased.has_all(births));
        if is_new {
            let was_closed = self.is_closed(lane);
            self.change_facts(lane, |facts| {
                facts.erased.join(births);
                facts.erased.trim(MAX_CLAIMED_OPENINGS);
            });
            self.drop_listed(lane);
            if !was_closed && self.is_closed(lane) {
                // Nothing of it is taken in any more, so it needs no room.
                self.claims.remove(&lane);
                self.closed += 1;
            }
        }
        is_new
    }

    /// Drops the births of a lane from the list that need not be listed any more.
    fn drop_listed(&mut self, lane: LaneId) {
        let Lanes { facts, erased, erased_births, .. } = self;
        let (Some(births), Some(facts)) = (erased_births.get_mut(&lane), facts.get(&lane)) else { return };
        births.retain(|birth| {
            let is_listed = !facts.erased.has(*birth);
            if !is_listed {
                erased.remove(&CellKey { lane, birth: *birth });
            }
            is_listed
        });
        // A lane without erased cells takes no memory.
        if births.is_empty() {
            erased_births.remove(&lane);
        }
    }

    pub(super) fn change_facts(&mut self, lane: LaneId, change: impl FnOnce(&mut LaneFacts)) {
        let mut facts = self.facts.get(&lane).cloned().unwrap_or_default();
        change(&mut facts);
        if self.facts.get(&lane) != Some(&facts) {
            self.facts.insert(lane, facts);
        }
    }

    pub(super) fn change_claim(&mut self, lane: LaneId, change: impl FnOnce(&mut Claim)) {
        let mut claim = self.claims.get(&lane).cloned().unwrap_or_default();
        change(&mut claim);
        claim.stamps.trim(MAX_CLAIMED_OPENINGS);
        claim.beside.trim(MAX_CLAIMED_OPENINGS);
        if self.claims.get(&lane) != Some(&claim) {
            self.claims.insert(lane, claim);
        }
    }

    /// What the store claims to have of another lane.
    pub(super) fn claim(&self, lane: LaneId) -> Coverage {
        self.claims.get(&lane).map(|claim| claim.stamps.clone()).unwrap_or_default()
    }

    /// Whether the store may have cells of the lane that its claim does not tell.
    pub(super) fn has_untold(&self) -> bool {
        self.claims.iter().any(|(_, claim)| claim.is_forked || !claim.stamps.has_all(&claim.beside))
    }

    /// Notes that the store has a cell.
    pub(super) fn note_cell(&mut self, lane: LaneId, stamp: Stamp) {
        let is_known =
            self.claims.get(&lane).is_some_and(|claim| claim.beside.has(stamp) || claim.stamps.has(stamp));
        if !is_known {
            self.change_claim(lane, |claim| claim.beside.add(stamp));
        }
    }

    pub(super) fn is_forked(&self, lane: LaneId) -> bool {
        self.claims.get(&lane).is_some_and(|claim| claim.is_forked)
    }

    /// The births of a lane that are erased one by one, ascending.
    pub(super) fn births_by_lane(&self) -> HashMap<LaneId, Vec<Stamp>, RandomState> {
        let mut lanes = self.erased_births.clone();
        lanes.values_mut().for_each(|births| births.sort_unstable());
        lanes
    }
}

/// The digests of erased births, by block. The births ascend.
pub(super) fn block_digests(births: &[Stamp]) -> Vec<(u64, u64)> {
    let blocks = births.chunk_by(|a, b| block(*a) == block(*b));
    let numbers =
        |births: &[Stamp]| digest(births.iter().flat_map(|birth| [birth.number, birth.opening.into()]));
    blocks.filter_map(|births| Some((block(*births.first()?), numbers(births)))).collect()
}

/// A digest that is the same on every device.
pub(super) fn digest(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut hasher = SipHasher24::new();
    numbers.for_each(|number| hasher.write(&number.to_le_bytes()));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The births of each lane that the list has.
    fn listed(lanes: &Lanes) -> BTreeMap<LaneId, Vec<Stamp>> {
        let mut listed: BTreeMap<LaneId, Vec<Stamp>> = BTreeMap::new();
        for (key, ()) in lanes.erased.iter() {
            listed.entry(key.lane).or_default().push(key.birth);
        }
        listed.values_mut().for_each(|births| births.sort_unstable());
        listed
    }

    proptest! {
        #[test]
        fn the_births_of_a_lane_are_those_that_the_list_has(
            steps in prop::collection::vec((0..3u8, 0..4u8, 1..20u64), 0..40),
        ) {
            let mut lanes = Lanes::default();
            for (at, (kind, lane, number)) in (0..).zip(steps) {
                let lane = LaneId([lane; 16]);
                let key = |number| CellKey { lane, birth: Stamp::new(number, 1) };
                match kind {
                    0 => lanes.erase(key(number)),
                    1 => _ = lanes.erase_all(lane, &Coverage { floor: number, openings: Vec::new() }),
                    _ => lanes.load_erased(at, vec![key(number), key(number), key(number + 1)]),
                }
                prop_assert_eq!(lanes.births_by_lane().into_iter().collect::<BTreeMap<_, _>>(), listed(&lanes));
            }
        }
    }
}
