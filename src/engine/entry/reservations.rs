//! The stored reservations of an event, and shifting them and the notes of cells that lie ahead.

use super::Entry;
use crate::codec::ReservationRecord;
use crate::time::instant::shifted;

impl Entry {
    /// The stored reservations, expired ones included.
    pub(crate) fn reservations(&self) -> &[ReservationRecord] {
        self.origin.as_ref().map_or(&[], |origin| &origin.reservations)
    }

    /// Adds a stored reservation. Its number must be higher than those of the others.
    pub(crate) fn add_reservation(&mut self, reservation: ReservationRecord) {
        let all = self.reservations().iter().cloned().chain([reservation]).collect();
        self.change_origin(|origin| origin.reservations = all);
        // The event has to be stored even if nothing was counted.
        self.deleted_pending_write = false;
    }

    /// Drops the stored reservations for which `keep` returns false. Returns whether any was
    /// dropped. If the event has neither counts nor reservations then, the next write removes it
    /// from the storage.
    pub(crate) fn retain_reservations(&mut self, keep: impl Fn(&ReservationRecord) -> bool) -> bool {
        let before = self.reservations().len();
        let kept: Box<[_]> = self.reservations().iter().filter(|one| keep(one)).cloned().collect();
        let has_dropped = kept.len() < before;
        if has_dropped {
            self.change_origin(|origin| origin.reservations = kept);
            self.deleted_pending_write |= self.is_vacant();
        }
        has_dropped
    }

    /// Copies the stored reservations of an entry that this one replaces.
    pub(crate) fn copy_reservations(&mut self, replaced: &Entry) {
        let copied = replaced.reservations().into();
        self.change_origin(|origin| origin.reservations = copied);
    }

    /// Shifts the stored reservations with a number above `after`. Returns whether there are any.
    pub(crate) fn shift_reservations(&mut self, after: u64, jump: i64) -> bool {
        let mut is_shifted = false;
        if self.reservations().iter().any(|reservation| reservation.number > after) {
            self.change_origin(|origin| {
                for reservation in origin.reservations.iter_mut().filter(|found| found.number > after) {
                    reservation.made = shifted(reservation.made, jump);
                    is_shifted = true;
                }
            });
        }
        is_shifted
    }

    /// Shifts the notes with a number above `after` of cells that lie ahead. Returns whether there
    /// are any.
    pub(crate) fn shift_ahead(&mut self, after: u64, jump: i64) -> bool {
        let is_shifted = self.ahead().iter().any(|known| known.number > after);
        if is_shifted {
            self.stale.others = true;
            self.change_origin(|origin| {
                for known in origin.ahead.iter_mut().filter(|known| known.number > after) {
                    known.received = shifted(known.received, jump);
                }
            });
        }
        is_shifted
    }
}
