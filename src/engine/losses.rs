//! Losses of stored counts, and stored data that cannot be understood.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Engine;
use super::entry::Stale;
use crate::bounds::MAX_LOSSES;
use crate::codec::StoredParts;

/// A loss: the event, if it is known, when it was noticed, and the number of the last stamp that
/// was issued before.
pub(crate) type LossRecord = (Option<String>, i64, u64);

/// Why an event is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quarantine {
    Damaged,
    /// A newer version of the library wrote it.
    Newer,
}

impl Engine {
    /// Adds losses of stored counts that are noticed now. An absent name stands for an unknown
    /// event. The clock must have been moved to now.
    pub(crate) fn add_losses(&mut self, events: Vec<Option<String>>) {
        let now = self.clock.now();
        self.leave_lane_after_loss();
        let number = self.stamps.last;
        let mut lost: Vec<_> = events.into_iter().map(|event| (event, now, number)).collect();
        if self.losses.len() + lost.len() > MAX_LOSSES {
            lost = vec![(None, now, number)];
        }
        // An event is listed once, with the later loss.
        self.losses.retain(|(known, ..)| known.is_none() || lost.iter().all(|(event, ..)| event != known));
        self.losses.extend(lost);
        self.replaces_damage = true;
    }

    /// The losses that were not acknowledged.
    pub(crate) fn losses(&self) -> &[LossRecord] {
        &self.losses
    }

    /// Forgets the loss of an event that is erased. Returns whether there was one.
    pub(super) fn forget_loss(&mut self, name: &str) -> bool {
        let before = self.losses.len();
        self.losses.retain(|(event, ..)| event.as_deref() != Some(name));
        self.losses.len() < before
    }

    /// Forgets all losses, because everything is erased.
    pub(super) fn forget_losses(&mut self) {
        self.losses.clear();
    }

    pub(crate) fn set_kept_aside(&mut self, files: Vec<PathBuf>) {
        self.kept_aside = files;
    }

    /// The copies of damaged files that were kept.
    pub(crate) fn kept_aside(&self) -> &[PathBuf] {
        &self.kept_aside
    }

    /// The names of the events in quarantine.
    pub(crate) fn quarantined(&self) -> impl Iterator<Item = &str> {
        self.quarantined.keys().map(|name| &**name)
    }

    /// Ends the quarantine of an event whose stored data can be read again.
    pub(crate) fn end_quarantine(&mut self, name: &str) {
        self.quarantined.remove(name);
    }

    /// Takes in that the storage found an event damaged while it wrote everything anew. The counts
    /// in memory are intact. They are written again, also those of events that may be damaged too.
    pub(crate) fn observe_damage(&mut self, name: &str) {
        if self.events.get(name).is_none_or(|entry| entry.unloaded) {
            self.quarantine(name, true);
        }
        self.touch_all();
    }

    /// Puts an event in quarantine whose stored data cannot be understood.
    pub(crate) fn quarantine(&mut self, name: &str, is_damaged: bool) {
        let reason = if is_damaged { Quarantine::Damaged } else { Quarantine::Newer };
        let before = self.quarantined.insert(name.into(), reason);
        if !is_damaged || before == Some(reason) {
            return;
        }
        // Beyond the limit there is one loss of unknown extent.
        let lost = (self.losses.len() < MAX_LOSSES).then_some(name);
        if self.losses.iter().all(|(event, ..)| event.as_deref() != lost && event.as_deref() != Some(name)) {
            self.losses.push((lost.map(str::to_owned), self.clock.now(), self.stamps.last));
            match lost {
                Some(name) => self.watches.note(name),
                None => self.watches.note_all(),
            }
        }
    }

    /// The events whose stored data is damaged.
    pub(crate) fn damaged(&self) -> Vec<String> {
        let damaged = self.quarantined.iter().filter(|(_, reason)| **reason == Quarantine::Damaged);
        damaged.map(|(name, _)| name.to_string()).collect()
    }

    /// Forgets the losses, and gives up the damaged values of the events in `readable`: what was
    /// recorded of them since, and what can be read of them, takes their place. Events of a newer
    /// version stay as they are.
    pub(crate) fn acknowledge_losses(&mut self, mut readable: BTreeMap<String, StoredParts>) {
        if !self.losses.is_empty() {
            self.watches.note_all();
        }
        self.losses.clear();
        readable.retain(|name, _| self.quarantined.get(name.as_str()) == Some(&Quarantine::Damaged));
        if readable.is_empty() {
            return;
        }
        self.leave_lane_after_loss();
        for (name, stored) in readable {
            self.quarantined.remove(name.as_str());
            self.install(&name, stored);
            match self.events.get_mut(&name) {
                Some(entry) => {
                    entry.end_loading();
                    entry.stale = Stale::BOTH;
                    self.touch(&name);
                }
                None => self.discard(&name),
            }
        }
    }

    /// Retires the lane. What is lost may have been exported, so its stamps must not be issued
    /// again. What was known of other lanes has to be sent again.
    fn leave_lane_after_loss(&mut self) {
        self.retire_lane();
        self.give_up_all_claims();
    }
}
