//! Erasing: a new generation. What was counted under a lower one goes, here and wherever it is heard of. A name that is gone
//! is remembered by its hash alone.

use std::collections::HashMap;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

use super::EventStore;
use super::entry::Entry;
use super::flush::{Due, snapshot};
use super::inner::Inner;
use super::state::State;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{Generation, HIGHEST_GENERATION};
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked};

impl EventStore {
    /// Erases an event, and returns what was counted of it; absent if it was not known. It stays erased on every device that takes in what
    /// `export_bytes` or `export_since` of this store gives (`export_all` tells of no erasure), and what they had counted of it until then
    /// goes too. Recording it again begins anew. A storage that holds nothing but events forgets the erasure with the process.
    ///
    /// # Errors
    /// What hinders reading or saving it. Where it is the saving, the event is erased in memory, and the next persist or a repetition saves that.
    pub fn erase_event(&self, event_id: impl EventId) -> Result<Option<SingleEventCounter>> {
        let name = checked(event_id.as_ref())?;
        self.inner.check_open()?;
        self.inner.find_own_lane()?;
        let (mut state, read) = self.inner.loaded([name]);
        let removed = match read {
            Ok(()) => state.erase(name)?,
            Err(error) if error.is_about_bytes() => Some(state.erase_unread(name)),
            Err(error) => return Err(error),
        };
        state.held.retain(|held| &*held.event != name);
        state.forget_unreserved();
        drop(state);
        // Also where nothing was found: an earlier attempt may have failed to save what it did.
        self.inner.save_erasure()?;
        Ok(removed)
    }

    /// Erases everything, also what other devices counted and this one never heard of, and returns what was known. Damaged events go too; of them
    /// nothing is returned.
    ///
    /// # Errors
    /// As `erase_event`.
    pub fn erase_all(&self) -> Result<HashMap<String, SingleEventCounter>> {
        let names = self.inner.all_names()?;
        let loaded = || self.inner.loaded_or_replaceable(names.iter().map(String::as_str));
        drop(loaded()?);
        self.inner.find_own_lane()?;
        let removed = {
            let mut state = loaded()?;
            let unread: Vec<&String> = names.iter().filter(|name| state.is_unread(name)).collect();
            let removed = state.erase_all()?;
            for name in unread {
                let generation = state.generation_of(name);
                state.discard(name, generation);
            }
            removed
        };
        self.inner.save_erasure()?;
        Ok(removed.into_iter().collect())
    }

    /// The names of all events that are known, in the order of their bytes. Where the storage cannot be read they are those in memory.
    pub fn events(&self) -> Vec<String> {
        match self.try_events() {
            Ok(names) => names,
            Err(error) => {
                log::warn!("listing the events in memory alone: {error}");
                self.inner.state.lock().known_names()
            }
        }
    }

    /// As `events`, and an error where that would have to answer from memory alone.
    ///
    /// # Errors
    /// What hinders reading the storage: `Unavailable` where it can be tried again, `Corrupt` or `Serialization` for what is damaged, `Closed`.
    pub fn try_events(&self) -> Result<Vec<String>> {
        Ok(self.inner.all_loaded()?.known_names())
    }
}

impl State {
    fn known_names(&self) -> Vec<String> {
        let known = self.events.iter().filter(|entry| entry.is_known());
        let mut names: Vec<String> = known.map(|entry| entry.name.to_string()).collect();
        names.sort_unstable();
        names
    }
}

impl Inner {
    /// What is counted is handed out under the lane that counted it.
    pub(super) fn find_own_lane(&self) -> Result<()> {
        if let Some(backend) = &self.backend {
            return self.find_lane(backend.as_ref(), true);
        }
        let counting = {
            let state = self.state.lock();
            state.lane.is_none() && state.events.iter().any(|entry| entry.own.is_some())
        };
        if counting { self.draw_lane().map(|_| ()) } else { Ok(()) }
    }

    fn save_erasure(&self) -> Result<()> {
        match &self.backend {
            Some(_) => self.flush(Due::Undurable, true),
            None => {
                self.state.lock().events.retain(|entry| !entry.gone);
                Ok(())
            }
        }
    }
}

impl State {
    fn erase(&mut self, name: &str) -> Result<Option<SingleEventCounter>> {
        let (lane, tracking) = (self.lane, &self.present.tracking);
        let Some(entry) = self.events.get_mut(name).filter(|entry| !entry.gone) else { return Ok(None) };
        if entry.generation().event >= HIGHEST_GENERATION {
            return Err(Error::Storage("the event was erased too often; erase everything instead".into()));
        }
        let mut counter = entry.to_counter(lane, tracking);
        let removed = counter.clone();
        counter.erase();
        entry.empty(counter.generation);
        entry.gone = true;
        self.erased.insert(key(name), counter.generation);
        self.touch(name);
        Ok(Some(removed))
    }

    /// Erases what cannot be read; nothing can be said of what was counted.
    fn erase_unread(&mut self, name: &str) -> SingleEventCounter {
        let generation = self.generation_of(name).next();
        self.erased.insert(key(name), generation);
        self.discard(name, generation);
        SingleEventCounter { generation, ..SingleEventCounter::default() }
    }

    /// Has the storage forget what it holds of an event that was not read.
    fn discard(&mut self, name: &str, generation: Generation) {
        self.quarantine.remove(name);
        self.events.insert(Entry::new(name, generation)).gone = true;
        self.touch(name);
    }

    fn is_unread(&self, name: &str) -> bool {
        self.events.get(name).is_none_or(|entry| entry.unloaded)
    }

    fn erase_all(&mut self) -> Result<Vec<(String, SingleEventCounter)>> {
        if self.generation >= HIGHEST_GENERATION {
            return Err(Error::Storage("everything was erased too often; delete the store's folder".into()));
        }
        let removed = snapshot(self, |_| true);
        self.generation += 1;
        self.erased.clear();
        self.held.clear();
        self.forget_unreserved();
        self.raise_all();
        Ok(removed)
    }

    /// Lifts every event in memory to the generation that is known of it; what was counted under a lower one goes.
    pub(crate) fn raise_all(&mut self) {
        let names: Vec<Box<str>> = self.events.names().map(Box::from).collect();
        for name in names {
            let generation = self.generation_of(&name);
            let Some(entry) = self.events.get_mut(&name).filter(|entry| entry.generation() < generation)
            else {
                continue;
            };
            entry.empty(generation);
            entry.gone = true;
            self.touch(&name);
        }
    }
}

/// What stands for an erased event's name, the same on every device.
pub(crate) fn key(name: &str) -> [u8; 16] {
    let mut hasher = SipHasher24::new();
    hasher.write(name.as_bytes());
    hasher.finish128().as_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_of_a_name_is_the_same_for_ever() {
        let hex: String = super::key("crash").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "046cd4136c26eb0b91e4dd9c84a6f2bb");
        assert_ne!(super::key(""), super::key("a"));
    }
}
