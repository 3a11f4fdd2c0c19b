//! The cells of this store. It adds to one of them. A large step of the clock begins another one,
//! and the earlier ones stay as they are.

use super::Entry;
use crate::bounds::MAX_OWN_CELLS;
use crate::counter::cell::Cell;
use crate::counter::kept::Horizon;
use crate::counter::lane::{EarlierCell, FIRST_BIRTH};
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

    /// Begins another cell of this store. The cell before it, which had the stamp `before`, stays
    /// as it is. `is_under_step` says whether a large step of the clock is open.
    pub(crate) fn begin_cell(&mut self, before: u64, is_under_step: bool, tracking: &Tracking) {
        // What is stored may have a first cell already.
        let is_first = !self.counts_own() && !self.unloaded && !is_under_step;
        let birth = if is_first { FIRST_BIRTH } else { self.stamp };
        if let Some(own) = self.own.take() {
            self.add_earlier(vec![EarlierCell {
                birth: self.birth,
                stamp: before,
                body: own.seal(tracking),
            }]);
        }
        (self.own, self.birth) = (Some(Cell::new(tracking)), birth);
    }

    /// Shifts the own cells with a birth above `after` by `jump` milliseconds. They are not added
    /// to any more. Returns whether there are any.
    pub(crate) fn shift_cells(
        &mut self,
        after: u64,
        jump: i64,
        tracking: &Tracking,
        mut next_stamp: impl FnMut() -> u64,
    ) -> bool {
        let mut earlier = self.take_earlier();
        // There is always room for the few cells that a usual clock needs. Beyond that the own cell
        // goes on, and what it counted is not shifted.
        let is_moved = self.birth > after && earlier.len() < MAX_OWN_CELLS;
        // A cell without counts can go on.
        if let Some(own) = self.own.take_if(|own| is_moved && own.seen().is_some()) {
            let birth = std::mem::take(&mut self.birth);
            earlier.push(EarlierCell { birth, stamp: 0, body: own.seal(tracking) });
        }
        let mut is_shifted = false;
        for cell in earlier.iter_mut().filter(|cell| cell.birth > after) {
            (cell.stamp, cell.body) = (next_stamp(), cell.body.shifted(jump));
            is_shifted = true;
        }
        self.add_earlier(earlier);
        is_shifted
    }

    /// Adds to the youngest cell again that was begun by `upto`, if there is one.
    pub(crate) fn resume_cell(&mut self, upto: u64, tracking: &Tracking, horizon: Option<&Horizon>) {
        let mut earlier = self.take_earlier();
        let is_resumed = |cell: &EarlierCell| cell.birth <= upto && cell.body.head().shift == 0;
        if let Some(index) = earlier.iter().rposition(is_resumed) {
            let cell = earlier.remove(index);
            self.birth = cell.birth;
            self.own = Some(Cell::open(&cell.body, tracking, horizon).0);
        }
        self.set_earlier(earlier);
    }

    /// Takes over the keys of the cells of this store in `replaced`, which this entry replaces: a
    /// cell that is not among the own ones continues without counts. Other stores then drop its
    /// counts.
    pub(crate) fn replace_cells(
        &mut self,
        replaced: Option<&Entry>,
        tracking: &Tracking,
        mut next_stamp: impl FnMut() -> u64,
    ) {
        let mut earlier = self.take_earlier();
        earlier.iter_mut().for_each(|cell| cell.stamp = next_stamp());
        let known = replaced.into_iter().flat_map(|replaced| {
            replaced
                .earlier()
                .iter()
                .map(|cell| cell.birth)
                .chain(replaced.own.as_ref().map(|_| replaced.birth))
        });
        if self.own.is_none() {
            (self.own, self.birth) = (Some(Cell::new(tracking)), FIRST_BIRTH);
        }
        for birth in known {
            if birth != self.birth && earlier.iter().all(|cell| cell.birth != birth) {
                let body = Cell::new(tracking).seal(tracking);
                earlier.push(EarlierCell { birth, stamp: next_stamp(), body });
            }
        }
        self.add_earlier(earlier);
        self.stamp = next_stamp();
    }

    /// Whether a cell, a stored reservation or a note of a cell that lies ahead was made under the
    /// open large step. If the clock is set, it is shifted, so it has to stay in memory.
    pub(crate) fn was_begun_under(&self, births: StepBirths) -> bool {
        let is_later = |number: u64| number > births.noticed;
        births != StepBirths::default()
            && (is_later(self.birth)
                || self.earlier().iter().any(|cell| is_later(cell.birth))
                || self.reservations().iter().any(|reservation| is_later(reservation.number))
                || self.ahead().iter().any(|known| is_later(known.number)))
    }

    /// The latest instant in what a shift of everything with a number above `after` concerns.
    pub(crate) fn latest_time_after(&self, after: u64) -> Option<i64> {
        let cells = self.earlier().iter().filter(|cell| cell.birth > after);
        let cells = cells.filter_map(|cell| cell.body.head().seen_at_last());
        let made = self.reservations().iter().map(|reservation| (reservation.number, reservation.made));
        let noted = self.ahead().iter().map(|known| (known.number, known.received));
        let others = made.chain(noted).filter(|(number, _)| *number > after).map(|(_, at)| at);
        cells.chain(others).max()
    }

    /// Drops old buckets of the cells of this store. `horizon` is the beginning of the horizon's
    /// date and its buckets. Returns whether there were any.
    pub(crate) fn age(
        &mut self,
        tracking: &Tracking,
        (instant, horizon): &(i64, Numbers),
        mut next_stamp: impl FnMut() -> u64,
    ) -> bool {
        let mut is_aged = self.own.as_mut().is_some_and(|own| own.age(tracking, horizon));
        if is_aged {
            self.stamp = next_stamp();
        }
        if !self.earlier().is_empty() {
            let mut earlier = self.take_earlier();
            for cell in &mut earlier {
                if let Some(body) = cell.body.aged(*instant) {
                    (cell.stamp, cell.body) = (next_stamp(), body);
                    is_aged = true;
                }
            }
            self.add_earlier(earlier);
        }
        is_aged
    }

    /// Whether this store may begin another cell of the event.
    pub(crate) fn has_room_for_cell(&self) -> bool {
        self.earlier().len() + 1 < MAX_OWN_CELLS
    }
}
