//! Which events a store knows.

use super::EventStore;
use super::shared::Shared;
use crate::engine::Engine;
use crate::error::Result;

impl EventStore {
    /// The names of all known events, in the order of their bytes. If the storage cannot be read,
    /// the names of the events in memory.
    pub fn events(&self) -> Vec<String> {
        match self.try_events() {
            Ok(names) => names,
            Err(error) => {
                log::warn!("only the events in memory are listed: {error}");
                self.shared.with_memory(|engine| engine.known_names())
            }
        }
    }

    /// The names of all known events, in the order of their bytes.
    ///
    /// Damaged events are listed too.
    ///
    /// # Errors
    /// `Unavailable` if the storage cannot be read now; `Closed`.
    pub fn try_events(&self) -> Result<Vec<String>> {
        self.shared.with_all_readable(|engine| Ok(engine.known_names()))
    }
}

impl Shared {
    /// Every name that is known, in memory or stored.
    pub(super) fn all_names(&self) -> Result<Vec<String>> {
        let mut names = match &self.storage {
            Some(storage) => storage.names()?,
            None => Vec::new(),
        };
        self.with_memory(|engine| names.extend(engine.events.names().map(str::to_owned)));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Works with every event whose stored data can be understood.
    ///
    /// # Errors
    /// `Closed`; a storage that cannot be read now; those of `work`.
    pub(super) fn with_all_readable<R>(&self, work: impl FnOnce(&mut Engine) -> Result<R>) -> Result<R> {
        let names = self.all_names()?;
        self.with_replaceable(names.iter().map(String::as_str), work)
    }

    /// Works with every event.
    pub(super) fn with_all_loaded<R>(&self, work: impl FnOnce(&mut Engine) -> Result<R>) -> Result<R> {
        let names = self.all_names()?;
        self.with_loaded(names.iter().map(String::as_str), work)
    }
}
