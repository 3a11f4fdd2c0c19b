//! The cells of this store. It adds to one of them. A large step of the clock begins another one,
//! and the earlier ones stay as they are.

use super::{Entry, MarkerTime};
use crate::bounds::MAX_OWN_CELLS;
use crate::counter::body::Body;
use crate::counter::cell::Cell;
use crate::counter::kept::Horizon;
use crate::counter::lane::{CellKey, EarlierCell, LaneId, Replaced, ReplacedCell, Was};
use crate::counter::stamp::Stamp;
use crate::counter::tracking::Tracking;
use crate::engine::StepBirths;
use crate::time::bucket::Numbers;

impl Entry {
    /// The cells of the own lane that are older than the own cell, oldest first.
    #[inline]
    pub(crate) fn earlier(&self) -> &[EarlierCell] {
        self.origin.as_ref().map_or(&[], |origin| &origin.earlier)
    }

    #[inline(never)]
    pub(crate) fn set_earlier(&mut self, earlier: Vec<EarlierCell>) {
        self.change_origin(|origin| origin.earlier = earlier.into());
    }

    /// Removes and returns the earlier cells.
    #[inline(never)]
    pub(crate) fn take_earlier(&mut self) -> Vec<EarlierCell> {
        let mut taken = Vec::new();
        self.change_origin(|origin| taken = std::mem::take(&mut origin.earlier).into_vec());
        taken
    }

    /// Notes that a storage or another store may know all cells of this store from now on.
    pub(crate) fn show(&mut self) {
        self.is_shown = self.counts_own();
    }

    /// Whether there is a cell of this store.
    pub(crate) fn counts_own(&self) -> bool {
        self.own.is_some() || !self.earlier().is_empty()
    }

    /// Adds cells of this store that are not added to.
    #[inline(never)]
    pub(super) fn add_earlier(&mut self, cells: Vec<EarlierCell>) {
        let mut earlier = self.take_earlier();
        earlier.extend(cells);
        earlier.sort_unstable_by_key(|cell| cell.birth);
        self.set_earlier(earlier);
    }

    /// Begins another cell of this store at `stamp`. The cell before it, which had the stamp
    /// `before`, stays as it is.
    pub(crate) fn begin_cell(&mut self, stamp: Stamp, before: Stamp, tracking: &Tracking) {
        if let Some(own) = self.own.take() {
            let (birth, replaced, body) = (self.birth, self.replaced(), own.seal(tracking));
            self.add_earlier(vec![EarlierCell { birth, stamp: before, replaced, body }]);
            self.set_replaced(Replaced::default());
        }
        (self.own, self.birth) = (Some(Cell::new(tracking)), stamp);
    }

    /// Shifts the own cells with a birth above `after` by `jump` milliseconds. A shifted cell takes
    /// the place of the one that it was, and is not added to any more. Returns whether there are
    /// any.
    pub(crate) fn shift_cells(
        &mut self,
        after: u64,
        jump: i64,
        lane: Option<LaneId>,
        tracking: &Tracking,
        mut next_stamp: impl FnMut() -> Stamp,
    ) -> bool {
        let mut earlier = self.take_earlier();
        // There is always room for the few cells that a usual clock needs. Beyond that the own cell
        // goes on, and what it counted is not shifted.
        let is_moved = self.birth.number > after && earlier.len() < MAX_OWN_CELLS;
        // A cell without counts can go on.
        if let Some(own) = self.own.take_if(|own| is_moved && own.seen().is_some()) {
            let (birth, replaced) = (std::mem::take(&mut self.birth), self.replaced());
            earlier.push(EarlierCell { birth, stamp: Stamp::default(), replaced, body: own.seal(tracking) });
            self.set_replaced(Replaced::default());
        }
        let mut is_shifted = false;
        // What nobody else knows need not be replaced.
        let lane = lane.filter(|_| self.is_shown);
        for cell in earlier.iter_mut().filter(|cell| cell.birth.number > after) {
            if let Some(lane) = lane {
                let before = ReplacedCell { key: CellKey { lane, birth: cell.birth }, was: Was::Counted };
                cell.replaced = Replaced::new([cell.replaced.cells(), &[before]].concat());
            }
            let stamp = next_stamp();
            (cell.birth, cell.stamp, cell.body) = (stamp, stamp, cell.body.shifted(jump));
            is_shifted = true;
        }
        self.add_earlier(earlier);
        is_shifted
    }

    /// Adds to the youngest cell again that was begun by `upto`, if there is one.
    pub(crate) fn resume_cell(&mut self, upto: u64, tracking: &Tracking, horizon: Option<&Horizon>) {
        let mut earlier = self.take_earlier();
        let is_resumed = |cell: &EarlierCell| cell.birth.number <= upto && cell.body.head().shift == 0;
        if let Some(index) = earlier.iter().rposition(is_resumed) {
            let cell = earlier.remove(index);
            self.birth = cell.birth;
            self.set_replaced(cell.replaced);
            self.own = Some(Cell::open(&cell.body, tracking, horizon).0);
        }
        self.set_earlier(earlier);
    }

    /// Whether a cell, a stored reservation, a note of a cell that lies ahead, or the latest
    /// occurrence of a marker was made under the open large step. If the clock is set, it is
    /// shifted, so it has to stay in memory.
    pub(crate) fn was_begun_under(&self, births: StepBirths) -> bool {
        let is_later = |number: u64| number > births.noticed;
        births != StepBirths::default()
            && (is_later(self.birth.number)
                || self.earlier().iter().any(|cell| is_later(cell.birth.number))
                || self.reservations().iter().any(|reservation| is_later(reservation.number))
                || self.ahead().iter().any(|known| is_later(known.number))
                || self.latest().is_some_and(|latest| is_later(latest.stamp.number)))
    }

    /// The latest instant in what a shift of everything with a number above `after` concerns.
    pub(crate) fn latest_time_after(&self, after: u64) -> Option<i64> {
        let cells = self.earlier().iter().filter(|cell| cell.birth.number > after);
        let cells = cells.filter_map(|cell| cell.body.head().seen_at_last());
        let made = self.reservations().iter().map(|reservation| (reservation.number, reservation.made));
        let noted = self.ahead().iter().map(|known| (known.number, known.received));
        let marked = self.latest().map(|MarkerTime { stamp, at, .. }| (stamp.number, at));
        let others = made.chain(noted).chain(marked).filter(|(number, _)| *number > after).map(|(_, at)| at);
        cells.chain(others).max()
    }

    /// Drops old buckets of all cells. `horizon` is the beginning of the horizon's date and its
    /// buckets. Returns whether there were any. Ageing is local, so no stamp changes.
    pub(crate) fn age(&mut self, tracking: &Tracking, (instant, horizon): &(i64, Numbers)) -> bool {
        let mut is_aged = self.own.as_mut().is_some_and(|own| own.age(tracking, horizon));
        let age = |body: &mut Body| body.aged(*instant).map(|aged| *body = aged).is_some();
        if let Some(origin) = &mut self.origin {
            for cell in &mut origin.earlier {
                is_aged |= age(&mut cell.body);
            }
            for cell in origin.others.cells_mut().iter_mut().chain(&mut origin.uncounted) {
                let has_aged = age(&mut cell.body);
                self.stale.others |= has_aged;
                is_aged |= has_aged;
            }
        }
        is_aged
    }

    /// Whether this store may begin another cell of the event.
    pub(crate) fn has_room_for_cell(&self) -> bool {
        self.earlier().len() + 1 < MAX_OWN_CELLS
    }
}
