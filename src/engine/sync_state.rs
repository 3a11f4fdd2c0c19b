//! What a store has, as it tells others, and what others leave out because of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use super::lanes::{block, block_digests, digest};
use crate::codec::{KnownLane, LanePart, Message, SyncState};
use crate::counter::lane::{LaneCell, LaneId};
use crate::counter::stamp::Stamp;

/// Collects what a sync state says of the cells of other lanes.
#[derive(Debug, Default)]
pub(crate) struct HeldCells {
    /// The stamps of cells beside the claim of their lane.
    beside: BTreeMap<LaneId, Vec<Stamp>>,
    /// The cells of forked lanes.
    forked: BTreeMap<LaneId, Vec<CellState>>,
}

/// What the digests of a forked lane say of a cell. Ageing changes only the last number: the digest
/// of its buckets.
type CellState = (Stamp, Stamp, [u64; 3], u64);

impl Engine {
    /// Whether the store has cells that its claims do not tell.
    pub(crate) fn has_untold_cells(&self) -> bool {
        self.lanes.has_untold()
    }

    pub(crate) fn has_epoch(&self) -> bool {
        self.epoch != 0
    }

    pub(crate) fn set_epoch_if_absent(&mut self, drawn: [u8; 8]) {
        if self.epoch == 0 {
            self.epoch = u64::from_le_bytes(drawn).max(1);
        }
    }

    /// Adds the cells of events in memory.
    pub(crate) fn add_held(&self, names: &[String], held: &mut HeldCells) {
        for cell in names.iter().filter_map(|name| self.events.get(name)).flat_map(|entry| entry.all_others())
        {
            if self.lanes.is_forked(cell.lane) {
                held.forked.entry(cell.lane).or_default().push(cell_state(&cell, self.horizon_instant()));
            } else if !self.lanes.claims.get(&cell.lane).is_some_and(|claim| claim.stamps.has(cell.stamp)) {
                held.beside.entry(cell.lane).or_default().push(cell.stamp);
            }
        }
    }

    /// The sync state that is given to other stores. `held` has the cells of all events.
    pub(crate) fn sync_state(&self, held: HeldCells) -> SyncState {
        let HeldCells { mut beside, mut forked } = held;
        let births = self.lanes.births_by_lane();
        let own = self.lane.map(|lane| (lane, self.own_claim()));
        let others = self.lanes.claims.iter().map(|(lane, claim)| (*lane, claim.stamps.clone()));
        let lanes = self.lanes.facts.iter().map(|(lane, _)| *lane).chain(births.keys().copied());
        let mut known: BTreeMap<LaneId, KnownLane> = lanes.map(|lane| (lane, KnownLane::new(lane))).collect();
        for (lane, claim) in others.chain(own) {
            known.entry(lane).or_insert_with(|| KnownLane::new(lane)).claim = claim;
        }
        for (lane, known) in &mut known {
            known.beside = beside.remove(lane).unwrap_or_default();
            known.beside.sort_unstable();
            known.beside.dedup();
            known.digests =
                self.lanes.is_forked(*lane).then(|| digests_of(forked.remove(lane).unwrap_or_default()));
            known.erased = self.lanes.facts.get(lane).map(|facts| facts.erased.clone()).unwrap_or_default();
            known.blocks = births.get(lane).map_or_else(Vec::new, |births| block_digests(births));
        }
        SyncState {
            basis: self.basis(),
            horizon: self.horizon_instant(),
            lanes: known.into_values().collect(),
        }
    }

    /// Whether a sync state shows a state of the own lane that this store never had.
    pub(crate) fn is_older_copy_for(&self, state: &SyncState) -> bool {
        self.is_behind(&state.lanes)
    }
}

/// The state of a cell without the buckets that are too old at `horizon`.
fn cell_state(cell: &LaneCell, horizon: Option<i64>) -> CellState {
    let aged = horizon.and_then(|horizon| cell.body.aged(horizon));
    let head = aged.as_ref().unwrap_or(&cell.body).head();
    let times = head.seen.map_or([0; 2], |seen| [seen.first, seen.latest()]);
    let [first, last] = times.map(i64::cast_unsigned);
    let buckets = head.series().flat_map(|series| {
        let pairs = series.pairs().flat_map(|(number, count)| [number.cast_unsigned(), count]);
        std::iter::once(series.unit.code().into()).chain(pairs)
    });
    (cell.birth, cell.stamp, [head.lifetime, first, last], digest(buckets))
}

fn digests_of(mut cells: Vec<CellState>) -> [u64; 2] {
    cells.sort_unstable();
    let stamp = |Stamp { number, opening }: Stamp| [number, opening.into()];
    [false, true].map(|with_buckets| {
        digest(cells.iter().flat_map(|(birth, last, rest, buckets)| {
            let buckets = with_buckets.then_some(*buckets);
            [stamp(*birth), stamp(*last)].concat().into_iter().chain(*rest).chain(buckets)
        }))
    })
}

/// Removes from a message that holds everything what a store with this sync state has already.
/// `horizon` is that of the store that made the message.
pub(crate) fn remove_known(message: &mut Message, state: &SyncState, horizon: Option<i64>) {
    let nothing = |lane| KnownLane::new(lane);
    let known = |lane: LaneId| {
        let found = state.lanes.binary_search_by_key(&lane, |known| known.lane).ok();
        found.and_then(|at| state.lanes.get(at)).cloned().unwrap_or_else(|| nothing(lane))
    };
    // Of a forked lane all cells are sent, or none. Their buckets can only be compared if this store
    // has dropped none that the other one still has.
    let has_buckets = horizon <= state.horizon;
    let mut whole: BTreeMap<LaneId, bool> = BTreeMap::new();
    let forked = message.lanes.iter().filter(|part| part.is_forked);
    let mut cells: BTreeMap<LaneId, Vec<CellState>> =
        forked.clone().map(|part| (part.lane, Vec::new())).collect();
    if !cells.is_empty() {
        for cell in message.events.iter().flat_map(|(_, counter)| &counter.cells) {
            if let Some(cells) = cells.get_mut(&cell.lane) {
                cells.push(cell_state(cell, state.horizon));
            }
        }
    }
    for part in forked {
        let [ours, with_buckets] = digests_of(cells.remove(&part.lane).unwrap_or_default());
        let known = known(part.lane);
        let is_same = known.digests.is_some_and(|[theirs, their_buckets]| {
            theirs == ours && (!has_buckets || their_buckets == with_buckets)
        });
        whole.insert(part.lane, !is_same && !known.erased.is_all());
    }
    let lanes: BTreeMap<LaneId, KnownLane> = {
        let of_cells = message.events.iter().flat_map(|(_, counter)| &counter.cells).map(|cell| cell.lane);
        let all: BTreeSet<LaneId> = of_cells.chain(message.lanes.iter().map(|part| part.lane)).collect();
        all.into_iter().map(|lane| (lane, known(lane))).collect()
    };
    let is_new = |cell: &LaneCell| match (whole.get(&cell.lane), lanes.get(&cell.lane)) {
        (Some(is_whole), _) => *is_whole,
        (None, Some(known)) => {
            let is_known = known.claim.has(cell.stamp) || known.erased.has(cell.birth);
            !is_known && known.beside.binary_search(&cell.stamp).is_err()
        }
        (None, None) => true,
    };
    message.events.retain_mut(|(_, counter)| {
        counter.cells.retain(is_new);
        !counter.cells.is_empty()
    });
    for part in &mut message.lanes {
        let known = lanes.get(&part.lane).cloned().unwrap_or_else(|| nothing(part.lane));
        remove_known_part(part, &known);
    }
    message.lanes.retain(|part| !part.is_empty());
    message.basis = Some(state.basis);
}

fn remove_known_part(part: &mut LanePart, known: &KnownLane) {
    if known.erased.is_all() {
        // Nothing of the lane is taken in any more.
        *part = LanePart::new(part.lane);
        return;
    }
    part.claim = part.claim.beyond(&known.claim);
    part.is_forked &= known.digests.is_none();
    if known.erased.has_all(&part.erased) {
        part.erased = Default::default();
    }
    let blocks = block_digests(&part.births);
    let differs = |birth: &Stamp| {
        let find = |blocks: &[(u64, u64)]| {
            let at = blocks.binary_search_by_key(&block(*birth), |(block, _)| *block).ok();
            at.and_then(|at| blocks.get(at)).copied()
        };
        find(&blocks) != find(&known.blocks)
    };
    part.births.retain(differs);
}
