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
    /// The event is also erased on every device that merges a later `export_bytes` or
    /// `export_since` of this store, with what that device had counted until then. `export_all`
    /// does not carry erasures. Recording the event again starts from zero.
    ///
    /// # Errors
    /// An event that cannot be read now; nothing is changed then. A storage that cannot be written;
    /// the event is erased in memory then, and the next persist or a repetition writes that.
    /// `InvalidEvent`, `Closed`.
    pub fn erase_event(&self, event_id: impl EventId) -> Result<Option<SingleEventCounter>> {
        let name = checked_name(event_id.as_ref())?;
        self.shared.check_open()?;
        self.shared.ensure_own_lane()?;
        let now = Some(self.shared.now());
        let removed = self.shared.with_available_at([name], now, |engine, read_error| match read_error {
            None => engine.erase(name),
            Some(error) if error.is_unreadable_data() => Ok(Some(engine.erase_unreadable(name))),
            Some(error) => Err(*error),
        })?;
        // Also if nothing was found: an earlier attempt may have failed to write its erasure.
        self.shared.write_erasure()?;
        Ok(removed)
    }

    /// Erases everything and returns what was known. Counts of other devices that this store never
    /// heard of are erased too, when they are merged. Damaged events are removed without being
    /// returned.
    ///
    /// # Errors
    /// As `erase_event`.
    pub fn erase_all(&self) -> Result<HashMap<String, SingleEventCounter>> {
        let names = self.shared.all_names()?;
        let as_strs = || names.iter().map(String::as_str);
        self.shared.with_replaceable_at(as_strs(), self.shared.now(), |_| Ok(()))?;
        self.shared.ensure_own_lane()?;
        let now = self.shared.now();
        let removed = self.shared.with_replaceable_at(as_strs(), now, |engine| engine.erase_all(&names))?;
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
