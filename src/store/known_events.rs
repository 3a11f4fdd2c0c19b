//! Which events a store knows.

use super::EventStore;
use super::shared::Shared;
use crate::bounds::MAX_NAME_BYTES;
use crate::engine::Engine;
use crate::error::Result;
use crate::report::report;

impl EventStore {
    /// The names of all known events, in the order of their bytes. If the storage cannot be read,
    /// the names of the events in memory.
    pub fn events(&self) -> Vec<String> {
        match self.try_events() {
            Ok(names) => names,
            Err(error) => {
                report!(warn, "only the events in memory are listed: {error}");
                let mut names = self.shared.names_in_memory();
                self.shared.with_memory(|engine| names.extend(engine.quarantined().map(str::to_owned)));
                sort_and_dedup(&mut names);
                self.shared.known_names(names)
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
        let names = self.shared.all_names()?;
        self.shared.with_readable_in_portions(&names, |_, _| ())?;
        Ok(self.shared.known_names(names))
    }
}

impl Shared {
    /// Every name that is known, in memory or stored, in the order of their bytes.
    pub(super) fn all_names(&self) -> Result<Vec<String>> {
        // Memory comes first: an event that leaves memory meanwhile is stored.
        let mut names = self.names_in_memory();
        if let Some(storage) = &self.storage {
            // No call accepts a longer name, and no other store takes it.
            names.extend(storage.names()?.into_iter().filter(|name| name.len() <= MAX_NAME_BYTES));
            sort_and_dedup(&mut names);
        }
        Ok(names)
    }

    pub(super) fn names_in_memory(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.visit_events(&mut |entry| names.push(entry.name.to_string()));
        sort_and_dedup(&mut names);
        names
    }

    /// Those of `names` that are known.
    fn known_names(&self, mut names: Vec<String>) -> Vec<String> {
        let mut is_known = Vec::with_capacity(names.len());
        self.with_memory_in_portions(&names, |engine, names| {
            is_known.extend(names.iter().map(|name| engine.knows(name)));
        });
        let mut is_known = is_known.into_iter();
        names.retain(|_| is_known.next().unwrap_or(false));
        names
    }

    /// Works with every event at the instant `now`, a reading of the clock.
    pub(super) fn with_all_loaded_at<R>(
        &self,
        now: i64,
        work: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<R> {
        let names = self.all_names()?;
        self.with_loaded_at(names.iter().map(String::as_str), now, work)
    }

    /// Works with every event in portions. An event that is first recorded meanwhile may be left
    /// out.
    pub(super) fn with_all_loaded_in_portions(&self, work: impl FnMut(&mut Engine, &[String])) -> Result<()> {
        self.with_loaded_in_portions(&self.all_names()?, work)
    }
}

pub(super) fn sort_and_dedup(names: &mut Vec<String>) {
    names.sort_unstable();
    names.dedup();
}
