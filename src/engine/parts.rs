//! Exports in several parts. Each part is a message of its own. What the parts claim together is
//! claimed only when all of them were merged, in any order and any number of times.

use std::collections::BTreeSet;

use crate::bounds::{MAX_EXPORTED_EVENTS, MAX_FOREIGN_LANES, MAX_PARTIAL_EXPORTS, MAX_PARTS};
use crate::codec::{self, Message, Section};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{LaneCell, LaneId};
use crate::counter::stamp::Stamp;

/// Exports of which some parts were merged, oldest first. They are not stored.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct PartialExports(Vec<PartialExport>);

#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
struct PartialExport {
    number: u64,
    count: u32,
    merged: BTreeSet<u32>,
    /// Lanes of which something was refused; absent if there are so many that it counts as all.
    refused: Option<BTreeSet<LaneId>>,
}

impl PartialExports {
    /// Notes a part that was merged, except for cells of the `refused` lanes. Returns the lanes of
    /// which something was refused when it was the last one that was missing; absent also if that
    /// may be any lane.
    pub(super) fn add(&mut self, section: Section, refused: BTreeSet<LaneId>) -> Option<BTreeSet<LaneId>> {
        let Section { export, index, count } = section;
        let is_same = |known: &PartialExport| known.number == export && known.count == count;
        let at = self.0.iter().position(is_same).unwrap_or_else(|| {
            let extra = (self.0.len() + 1).saturating_sub(MAX_PARTIAL_EXPORTS);
            self.0.drain(..extra);
            let (merged, refused) = (BTreeSet::new(), Some(BTreeSet::new()));
            self.0.push(PartialExport { number: export, count, merged, refused });
            self.0.len() - 1
        });
        let known = self.0.get_mut(at)?;
        known.merged.insert(index);
        if let Some(known) = &mut known.refused {
            known.extend(refused);
        }
        // Their number is bounded, because it is kept until the last part comes.
        known.refused.take_if(|refused| refused.len() > MAX_FOREIGN_LANES);
        let is_whole = known.merged.len() >= usize::try_from(count).unwrap_or(usize::MAX);
        is_whole.then(|| self.0.remove(at).refused).flatten()
    }

    /// Forgets all of them, after something was given up that they may have held.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
impl PartialExports {
    /// Adds all of them to a hash.
    pub(super) fn feed(&self, mut out: &mut dyn std::hash::Hasher) {
        use std::hash::Hash;
        for PartialExport { number, count, merged, refused } in &self.0 {
            (number, count, merged, refused).hash(&mut out);
        }
    }
}

/// What a message is made of, in the smallest pieces.
enum Piece {
    Erased(LaneId, Stamp),
    /// An event without cells.
    Event(String),
    Cell(String, LaneCell),
}

impl Piece {
    /// At most how many bytes it takes in a message.
    fn size(&self) -> usize {
        match self {
            Piece::Erased(..) => 16,
            Piece::Event(name) => name.len() + 8,
            // A lane and an opening may be mentioned first by this cell.
            Piece::Cell(name, cell) => {
                name.len() + 48 + codec::packed_len(cell) + 48 * cell.replaced.cells().len()
            }
        }
    }
}

/// Splits a message into parts of about `size` bytes. A part is longer if one cell is. `base` is
/// the size of the message without its pieces, which each part repeats. If it takes more than half
/// of a part, parts are twice as long as it, so that all parts together do not become many times
/// longer than the message. `number` is a random number of the export.
pub(crate) fn split(mut message: Message, size: usize, base: usize, number: u64) -> Vec<Message> {
    let erased = message.lanes.iter_mut().flat_map(|part| {
        let lane = part.lane;
        std::mem::take(&mut part.births).into_iter().map(move |birth| Piece::Erased(lane, birth))
    });
    let mut pieces: Vec<Piece> = erased.collect();
    for (name, counter) in std::mem::take(&mut message.events) {
        match counter.cells.is_empty() {
            true => pieces.push(Piece::Event(name)),
            false => pieces.extend(counter.cells.into_iter().map(|cell| Piece::Cell(name.clone(), cell))),
        }
    }
    let room = size.saturating_sub(base).max(base);
    let (mut parts, mut used) = (vec![message.clone()], 0);
    for piece in pieces {
        let has_room = u32::try_from(parts.len()).is_ok_and(|count| count < MAX_PARTS);
        let is_full = parts.last().is_some_and(|part| part.events.len() >= MAX_EXPORTED_EVENTS);
        let taken = piece.size();
        if used > 0 && (used + taken > room || is_full) && has_room {
            parts.push(message.clone());
            used = 0;
        }
        used += taken;
        if let Some(part) = parts.last_mut() {
            add(part, piece);
        }
    }
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    if count > 1 {
        for (index, part) in (0..count).zip(&mut parts) {
            part.section = Some(Section { export: number, index, count });
        }
    }
    parts
}

fn add(part: &mut Message, piece: Piece) {
    match piece {
        Piece::Erased(lane, birth) => {
            if let Some(part) = part.lanes.iter_mut().find(|part| part.lane == lane) {
                part.births.push(birth);
            }
        }
        Piece::Event(name) => part.events.push((name, SingleEventCounter::default())),
        Piece::Cell(name, cell) => {
            if part.events.last().is_none_or(|(last, _)| *last != name) {
                part.events.push((name, SingleEventCounter::default()));
            }
            if let Some((_, counter)) = part.events.last_mut() {
                counter.cells.push(cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(export: u64, index: u32, count: u32) -> Section {
        Section { export, index, count }
    }

    #[test]
    fn an_export_is_whole_when_each_of_its_parts_was_merged_in_any_order() {
        let mut exports = PartialExports::default();
        let lane = LaneId([1; 16]);
        assert_eq!(exports.add(section(7, 2, 3), BTreeSet::new()), None);
        assert_eq!(exports.add(section(7, 2, 3), BTreeSet::new()), None, "the same part again");
        assert_eq!(exports.add(section(8, 0, 3), BTreeSet::new()), None, "another export");
        assert_eq!(exports.add(section(7, 0, 3), BTreeSet::from([lane])), None);
        assert_eq!(exports.add(section(7, 1, 3), BTreeSet::new()), Some(BTreeSet::from([lane])));
    }

    #[test]
    fn the_oldest_of_many_partial_exports_is_forgotten() {
        let mut exports = PartialExports::default();
        for export in 0..2 * MAX_PARTIAL_EXPORTS as u64 {
            assert_eq!(exports.add(section(export, 0, 2), BTreeSet::new()), None);
        }
        assert_eq!(exports.0.len(), MAX_PARTIAL_EXPORTS);
        assert_eq!(exports.add(section(0, 1, 2), BTreeSet::new()), None);
    }
}
