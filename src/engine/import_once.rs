//! Counts of another library that are taken over once.
//!
//! They become a replica of their own. Its identity is a digest of the key and of the counts. So
//! two devices that take over the same counts under the same key have the same replica, and when
//! they merge, it counts once.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

use super::Engine;
use crate::bounds::{MAX_FOREIGN_LANES, MAX_IMPORTS};
use crate::codec::{Incoming, Message};
use crate::counter::lane::LaneId;
use crate::error::{Error, Result};
use crate::occurrence::Occurrence;
use crate::time::instant;

/// What is taken over: the replica, ready to be merged.
pub(crate) struct OnceImport {
    /// The digest of the key.
    key: u64,
    lane: LaneId,
    message: Message,
}

/// The digest of a key, which a store keeps when it has taken over the counts of the key.
pub(crate) fn import_key(key: &str) -> u64 {
    digest(key, &[]).0
}

/// A digest of a key and counts that is the same on every device, as two numbers.
fn digest(key: &str, counts: &[Occurrence]) -> (u64, u64) {
    let mut hasher = SipHasher24::new();
    let mut write = |bytes: &[u8]| {
        hasher.write(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.write(bytes);
    };
    write(key.as_bytes());
    for Occurrence { at, event_id, count } in counts {
        write(event_id.as_bytes());
        write(&instant::of(*at).to_le_bytes());
        write(&count.to_le_bytes());
    }
    let digest = hasher.finish128();
    (digest.h1, digest.h2)
}

impl Engine {
    /// Whether the counts of a key were taken over.
    pub(crate) fn has_imported(&self, key: u64) -> bool {
        self.imports.contains(&key)
    }

    /// The replica that has `counts`. This engine is a new one with the settings of the store.
    pub(crate) fn into_import(mut self, key: &str, mut counts: Vec<Occurrence>) -> OnceImport {
        counts.retain(|occurrence| occurrence.count > 0);
        counts.sort_unstable_by(|a, b| {
            (instant::of(a.at), &a.event_id, a.count).cmp(&(instant::of(b.at), &b.event_id, b.count))
        });
        let (high, low) = digest(key, &counts);
        let lane = LaneId((u128::from(high) << 64 | u128::from(low)).to_be_bytes());
        let [opening @ .., _, _, _, _] = lane.0;
        self.set_opening(opening);
        // As no store counts: see `counts_like_an_import`.
        self.lane = Some(lane);
        for Occurrence { at, event_id, count } in &counts {
            self.advance_clock(instant::of(*at), None);
            self.record_counts(event_id, (*count).into(), || false);
        }
        let claims = self.begin_export();
        let events = self.counters(|_| true);
        let message = self.end_export(&claims).unwrap_or_default();
        OnceImport { key: import_key(key), lane, message: Message { events, ..message } }
    }

    /// Takes over counts, unless those of the key were taken over, or are to be stored for another
    /// call. Every event must have been loaded. Call `note_import` when they are stored, and not
    /// before: after a kill in between they are taken over again, which changes nothing.
    ///
    /// # Errors
    /// As `check_merge`; `Storage` if there is no room for another replica or another key.
    pub(crate) fn import_once(&mut self, import: &OnceImport) -> Result<()> {
        let OnceImport { key, lane, message } = import;
        if self.has_imported(*key) || self.unstored_imports.contains(key) {
            return Ok(());
        }
        if self.imports.len() + self.unstored_imports.len() >= MAX_IMPORTS {
            return Err(Error::Storage(format!(
                "the store has taken over the counts of {MAX_IMPORTS} keys already; take over more in one step"
            )));
        }
        message.events.iter().try_for_each(|(name, counter)| self.check_merge(name, counter))?;
        if !self.lanes.is_closed(*lane) && !message.events.is_empty() && !self.admit_lane(*lane) {
            return Err(Error::Storage(format!(
                "the store has the counts of {MAX_FOREIGN_LANES} other replicas already; forget some of them \
                 first"
            )));
        }
        self.merge(&Incoming::Held(message));
        self.unstored_imports.push(*key);
        Ok(())
    }

    /// Takes in that the counts of a key, which `import_once` took over, are stored. Returns
    /// whether that is new.
    ///
    /// # Errors
    /// `Closed` if the store was closed and opened again since, and so may not have the counts.
    pub(crate) fn note_import(&mut self, import: &OnceImport) -> Result<bool> {
        if self.has_imported(import.key) {
            return Ok(false);
        }
        let Some(at) = self.unstored_imports.iter().position(|key| *key == import.key) else {
            return Err(Error::Closed);
        };
        self.unstored_imports.swap_remove(at);
        self.imports.push(import.key);
        Ok(true)
    }
}

impl OnceImport {
    /// The events.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.message.events.iter().map(|(name, _)| name.as_str())
    }

    /// The births of its cells.
    #[cfg(test)]
    pub(super) fn births(&self) -> impl Iterator<Item = crate::counter::stamp::Stamp> {
        self.message.events.iter().flat_map(|(_, counter)| &counter.cells).map(|cell| cell.birth)
    }
}
