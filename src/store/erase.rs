//! Erasing events.

use std::collections::HashMap;

use super::EventStore;
use super::known_events::sort_and_dedup;
use super::shared::Shared;
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::{Due, Engine};
use crate::error::Result;
use crate::event_id::{EventId, checked_name};

impl EventStore {
    /// Erases an event and returns what was counted; absent if it was not known.
    ///
    /// An erase removes everywhere all that this store had heard of, with what their owners add
    /// before they hear of it. What it never heard of stays. Other devices hear of it when they
    /// merge a later `export_bytes`, `export_since` or `export_parts` of this store, or of one that
    /// merged it. `export_all` does not carry erasures. Recording the event again starts from zero.
    /// Losses and stored reservations of the event end.
    ///
    /// What stored bytes hold that are damaged is not known. Such an event is erased here only.
    ///
    /// When it returns, the erasure survives a power loss. The name of the event stays in the files
    /// until the next persist or close, which rewrites the storage once for all erased events. A
    /// copy of a damaged file (see [`Health::kept_aside`](crate::Health::kept_aside)) can hold the
    /// name for up to 30 days. [`erase_events`](EventStore::erase_events) removes both before it
    /// returns.
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
            None => Ok(engine.erase(name)),
            Some(error) if error.is_unreadable_data() => Ok(Some(engine.erase_unreadable(name))),
            Some(error) => Err(*error),
        })?;
        // Also if nothing was found: an earlier attempt may have failed to write its erasure.
        self.shared.write_erasure()?;
        Ok(removed)
    }

    /// Erases several events in one step, all or none, and returns what was counted of those that
    /// were known. A name may stand in the list more than once. The counter of a damaged event is
    /// empty.
    ///
    /// When it returns, no file of the store holds a name of the list: the storage was rewritten
    /// once for all of them, and copies of damaged files were removed.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record("visit anna");
    /// store.record("visit bert");
    /// let removed = store.erase_events(["visit anna", "visit bert", "never recorded"]).unwrap();
    /// assert_eq!(removed.len(), 2);
    /// assert!(store.events().is_empty());
    /// ```
    ///
    /// # Errors
    /// As `erase_event`. If the storage cannot be rewritten, the events are erased, and the next
    /// persist rewrites it.
    pub fn erase_events(
        &self,
        event_ids: impl IntoIterator<Item = impl EventId>,
    ) -> Result<HashMap<String, SingleEventCounter>> {
        let checked = |id| checked_name(AsRef::<str>::as_ref(&id)).map(str::to_owned);
        let mut names = event_ids.into_iter().map(checked).collect::<Result<_>>()?;
        sort_and_dedup(&mut names);
        self.shared.erase_for_good(&names, Engine::erase_events)
    }

    /// Erases everything and returns what was known. Other devices lose what this store had heard
    /// of, as by `erase_event`, and keep the rest. Damaged events are removed without being
    /// returned.
    ///
    /// When it returns, no file of the store holds the name of an erased event: the storage was
    /// rewritten, and copies of damaged files were removed. Losses are acknowledged by it.
    ///
    /// # Errors
    /// As `erase_events`.
    pub fn erase_all(&self) -> Result<HashMap<String, SingleEventCounter>> {
        let names = self.shared.all_names()?;
        self.shared.erase_for_good(&names, Engine::erase_all)
    }
}

type Erased = Vec<(String, SingleEventCounter)>;

impl Shared {
    /// Erases some of the events `names` by `erase`, and removes what the storage holds of them.
    fn erase_for_good(
        &self,
        names: &[String],
        erase: fn(&mut Engine, &[String]) -> Erased,
    ) -> Result<HashMap<String, SingleEventCounter>> {
        let as_strs = || names.iter().map(String::as_str);
        self.with_replaceable_at(as_strs(), self.now(), |_| Ok(()))?;
        self.ensure_own_lane()?;
        let now = self.now();
        let removed = self.with_replaceable_at(as_strs(), now, |engine| Ok(erase(engine, names)))?;
        self.write_erasure()?;
        self.remove_every_trace()?;
        Ok(removed.into_iter().collect())
    }

    pub(super) fn write_erasure(&self) -> Result<()> {
        match &self.storage {
            Some(_) => self.flush(Due::Undurable, true),
            None => {
                self.with_memory(|engine| engine.forget_deleted());
                Ok(())
            }
        }
    }
}
