//! Erasing events.

use std::collections::HashMap;

use super::EventStore;
use super::shared::Shared;
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::Due;
use crate::error::Result;
use crate::event_id::{EventId, checked_name};

impl EventStore {
    /// Erases an event and returns what was counted; absent if it was not known.
    ///
    /// An erase removes everywhere all that this store had heard of, with what their owners add
    /// before they hear of it. What it never heard of stays. Other devices hear of it when they
    /// merge a later `export_bytes`, `export_since` or `export_parts` of this store, or of one that
    /// merged it. `export_all` does not carry erasures. Recording the event again starts from zero.
    ///
    /// What stored bytes hold that are damaged is not known. Such an event is erased here only.
    ///
    /// # Errors
    /// An event that cannot be read now; nothing is changed then. A storage that cannot be written;
    /// the event is erased in memory then, and the next persist or a repetition writes that.
    /// `InvalidEvent`, `Closed`.
    pub fn erase_event(&self, event_id: impl EventId) -> Result<Option<SingleEventCounter>> {
        let name = checked_name(event_id.as_ref())?;
        self.shared.check_open()?;
        self.shared.ensure_own_lane()?;
        let removed = self.shared.with_available([name], |engine, read_error| match read_error {
            None => Ok(engine.erase(name)),
            Some(error) if error.is_unreadable_data() => Ok(Some(engine.erase_unreadable(name))),
            Some(error) => Err(*error),
        })?;
        // Also if nothing was found: an earlier attempt may have failed to write its erasure.
        self.shared.write_erasure()?;
        Ok(removed)
    }

    /// Erases everything and returns what was known. Other devices lose what this store had heard
    /// of, as by `erase_event`, and keep the rest. Damaged events are removed without being
    /// returned.
    ///
    /// # Errors
    /// As `erase_event`.
    pub fn erase_all(&self) -> Result<HashMap<String, SingleEventCounter>> {
        let names = self.shared.all_names()?;
        let as_strs = || names.iter().map(String::as_str);
        self.shared.with_replaceable(as_strs(), |_| Ok(()))?;
        self.shared.ensure_own_lane()?;
        let removed = self.shared.with_replaceable(as_strs(), |engine| Ok(engine.erase_all(&names)))?;
        self.shared.write_erasure()?;
        Ok(removed.into_iter().collect())
    }
}

impl Shared {
    fn write_erasure(&self) -> Result<()> {
        match &self.storage {
            Some(_) => self.flush(Due::Undurable, true),
            None => {
                self.with_memory(|engine| engine.forget_deleted());
                Ok(())
            }
        }
    }
}
