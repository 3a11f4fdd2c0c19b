//! Recordings: each is an atom of the truth, and belongs to the life of a cell.

use std::rc::Rc;

use super::device::{NAMES, TAKEN_OVER};
use super::truth::{Counts, Life};
use super::world::{Check, World};

/// How many atoms a device has.
const ATOMS: u8 = 16;

/// The atoms that are taken over from another library. They are none of a device.
pub(super) const OLD_ATOMS: u64 = u64::MAX << (64 - TAKEN_OVER);

impl World {
    /// A number for a recording of a device that nobody has heard of.
    pub(super) fn free_atom(&self, d: u8) -> Option<u64> {
        let heard = self.nodes.iter().flat_map(|node| {
            let backup = node.backup.as_deref().map(|(_, heard)| heard);
            [&node.memory, &node.durable].into_iter().chain(backup)
        });
        let used =
            heard.chain(self.late.iter().map(|sent| &sent.heard)).fold(0, |all, one| all | one.atoms());
        (d * ATOMS..(d + 1) * ATOMS).map(|number| 1 << number).find(|atom| used & atom == 0)
    }

    pub(super) fn record(&mut self, d: u8, event: usize) -> Check {
        let atom = self.free_atom(d).unwrap();
        let node = self.node_mut(d);
        node.device.record(event, 1);
        let entry = node.device.own_entry(event).unwrap();
        let life: Life = (event, entry.birth);
        if entry.unloaded {
            node.pending[event] = Some(entry.birth);
        }
        if node.memory.erased.contains(&life) {
            return Err(format!("{d} counts in an erased cell of {}", NAMES[event]));
        }
        node.memory.lives.entry(life).or_default().add(Counts { atoms: atom, ever: 1, recent: 1 });
        Ok(())
    }

    /// Notes what became of cells that were begun before the stored part was read.
    pub(super) fn observe(&mut self, d: u8) -> Check {
        let replacements = Rc::clone(&self.replacements);
        let node = Rc::make_mut(&mut self.nodes[usize::from(d)]);
        for (event, pending) in node.pending.iter_mut().enumerate() {
            let Some(birth) = *pending else { continue };
            let entry = node.device.own_entry(event);
            if entry.is_some_and(|entry| entry.unloaded) {
                continue;
            }
            *pending = None;
            let is_there = entry.is_some_and(|entry| {
                let of_others = entry.all_others();
                let others = of_others.iter().map(|cell| cell.birth);
                let earlier = entry.earlier().iter().map(|cell| cell.birth);
                (entry.own.is_some() && entry.birth == birth) || others.chain(earlier).any(|one| one == birth)
            });
            node.memory.settle(&replacements);
            if is_there || node.memory.erased.contains(&(event, birth)) {
                continue;
            }
            let absorber = entry.filter(|entry| entry.own.is_some()).map(|entry| (event, entry.birth));
            let Some(counts) = node.memory.lives.remove(&(event, birth)) else { continue };
            match absorber {
                Some(life) if !node.memory.erased.contains(&life) => {
                    node.memory.lives.entry(life).or_default().add(counts);
                }
                _ => return Err(format!("{d} lost what it counted of {} before it read it", NAMES[event])),
            }
        }
        Ok(())
    }
}
