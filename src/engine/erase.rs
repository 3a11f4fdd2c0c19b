//! Erasing: a new generation. Counts of a lower generation are dropped here, and on every store
//! that hears of the new one. An erased name is remembered by its hash only.

use super::Engine;
use super::entry::Entry;
use super::erased_name::key;
use super::erasures::Erasures;
use crate::bounds::{MAX_ERASED, MAX_GENERATION};
use crate::codec::Message;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::is_believable;
use crate::counter::lane::Generation;
use crate::error::{Error, Result};

impl Engine {
    /// Erases an event and returns what was counted; absent if it was not known.
    ///
    /// # Errors
    /// `Storage` if the generations of the event are used up.
    pub(crate) fn erase(&mut self, name: &str) -> Result<Option<SingleEventCounter>> {
        self.check_erase(name)?;
        self.drop_reservations(name);
        let was_lost = self.forget_loss(name);
        let (lane, tracking) = (self.lane, &self.clock.tracking);
        let known = self.events.get_mut(name).filter(|entry| entry.is_known());
        let Some(entry) = known else {
            if was_lost && !self.events.contains(name) {
                // Removing it makes the storage drop its name, which the losses held.
                self.discard(name, self.generation_of(name));
            }
            return Ok(None);
        };
        let removed = entry.to_counter(lane, tracking);
        let generation = entry.generation().next();
        entry.empty(generation);
        entry.deleted_pending_write = true;
        self.erased.insert(key(name), generation.to_number());
        self.touch(name);
        Ok(Some(removed))
    }

    /// Checks whether an event can be erased.
    ///
    /// # Errors
    /// `Storage` if the generations of the event are used up.
    fn check_erase(&self, name: &str) -> Result<()> {
        let known = self.events.get(name).filter(|entry| entry.is_known());
        if known.is_some_and(|entry| entry.generation().event >= MAX_GENERATION) {
            return Err(Error::Storage("the event was erased too often; erase everything instead".into()));
        }
        Ok(())
    }

    /// Erases several events, all or none, and returns what was counted of those that were known.
    /// The counter of an event whose stored bytes cannot be read is empty. Every other event must
    /// have been loaded.
    ///
    /// # Errors
    /// As `erase`.
    pub(crate) fn erase_events(&mut self, names: &[String]) -> Result<Vec<(String, SingleEventCounter)>> {
        names.iter().try_for_each(|name| self.check_erase(name))?;
        let mut removed = Vec::new();
        for name in names {
            let counter = match self.quarantined.contains_key(name.as_str()) {
                true => Some(self.erase_unreadable(name)),
                false => self.erase(name)?,
            };
            removed.extend(counter.map(|counter| (name.clone(), counter)));
        }
        Ok(removed)
    }

    /// Erases an event whose stored bytes cannot be read. The counter that it returns is empty.
    pub(crate) fn erase_unreadable(&mut self, name: &str) -> SingleEventCounter {
        let generation = self.generation_of(name).next();
        self.erased.insert(key(name), generation.to_number());
        self.process_reservations.shrink();
        self.forget_loss(name);
        self.discard(name, generation);
        SingleEventCounter { generation, ..SingleEventCounter::default() }
    }

    /// Erases everything and returns what was counted. Of `names`, events that could not be read
    /// are removed from the storage too.
    ///
    /// # Errors
    /// `Storage` if the generations of the store are used up.
    pub(crate) fn erase_all(&mut self, names: &[String]) -> Result<Vec<(String, SingleEventCounter)>> {
        if self.store_generation >= MAX_GENERATION {
            return Err(Error::Storage("everything was erased too often; delete the store's folder".into()));
        }
        let unloaded = |name: &&String| self.events.get(name).is_none_or(|entry| entry.unloaded);
        let unloaded: Vec<&String> = names.iter().filter(unloaded).collect();
        let removed = self.counters(|_| true);
        self.store_generation += 1;
        self.process_reservations.shrink();
        self.forget_losses();
        self.drop_older_generations();
        for name in unloaded {
            self.discard(name, self.generation_of(name));
        }
        Ok(removed)
    }

    /// The generation of an erased event after its erasure, by the hash of its name.
    pub(super) fn erased_generation(&self, key: &[u8; 16]) -> Option<Generation> {
        self.erased.get(key).copied().map(Generation::from_number)
    }

    /// Removes erased events from memory, for a store without a storage.
    pub(crate) fn forget_deleted(&mut self) {
        self.events.retain(|entry| !entry.deleted_pending_write);
        self.drop_outdated_erasures();
    }

    /// Drops the erasures of events that a later erasure of everything includes. On a storage they
    /// are kept until the next opening, because a kill before the erasure of everything is stored
    /// would otherwise undo them.
    pub(crate) fn drop_outdated_erasures(&mut self) {
        let store = Generation::of_store(self.store_generation);
        self.erased.retain(|number| Generation::from_number(*number) > store);
    }

    /// Applies the erasures of a message. `found` is what the search for new ones returned.
    pub(super) fn observe_erasures(&mut self, message: &Message, found: &Erasures) {
        let is_complete = self.is_complete(found, message);
        let ours = Generation::of_store(self.store_generation);
        let mut is_new = false;
        if message.store_generation > self.store_generation
            && is_believable(ours, Generation::of_store(message.store_generation))
        {
            self.store_generation = message.store_generation;
            is_new = true;
        }
        for (key, generation) in if is_complete { &found.new } else { &message.erased } {
            let ours = self.erased_generation(key).unwrap_or_default();
            let has_room = self.erased.len() < MAX_ERASED || self.erased.contains(key);
            let store = Generation::of_store(self.store_generation);
            if ours < *generation && has_room && is_believable(ours.max(store), *generation) {
                self.erased.insert(*key, generation.to_number());
                is_new = true;
            }
        }
        if is_new {
            self.sweep.begin();
        }
        if is_new && is_complete {
            found.names.iter().for_each(|name| self.drop_older_generation(name));
        } else if is_new {
            self.drop_older_generations();
        }
    }

    /// Raises every event in memory to its known generation and drops counts of a lower one.
    fn drop_older_generations(&mut self) {
        let is_older = |entry: &&Entry| entry.generation() < self.generation_of(&entry.name);
        let older = self.events.iter().filter(is_older).map(|entry| entry.name.clone());
        let older: Vec<Box<str>> = older.collect();
        older.iter().for_each(|name| self.drop_older_generation(name));
    }

    /// Raises an event in memory to its known generation and drops counts of a lower one.
    fn drop_older_generation(&mut self, name: &str) {
        let generation = self.generation_of(name);
        let older = |entry: &&mut Entry| entry.generation() < generation;
        let Some(entry) = self.events.get_mut(name).filter(older) else { return };
        entry.empty(generation);
        entry.deleted_pending_write = true;
        self.touch(name);
    }

    /// Makes the next write remove an event that was not read.
    pub(super) fn discard(&mut self, name: &str, generation: Generation) {
        self.quarantined.remove(name);
        self.events.insert(Entry::new(name, generation)).deleted_pending_write = true;
        self.touch(name);
    }
}
