//! Merging and importing what other stores exported. Everything is decoded and checked first, then
//! joined under the lock, all or none.

use std::collections::HashMap;
use std::sync::Arc;

use super::EventStore;
use super::shared::Shared;
use crate::codec::{Incoming, Malformed, Message, Received};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::LaneId;
use crate::engine::{Due, Engine, MergeReport, NamedCounters};
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked_name};
use crate::formatter::envelope::EXPORT;
use crate::random::random;

impl EventStore {
    /// Merges the counters of another store. What is known already is not counted again, in any
    /// order and any number of times.
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes; `TooLarge` if the counts of an event
    /// would take more than 8 MiB; a stored event that cannot be read; `Closed`. Nothing is changed
    /// then. Counts of more than 1,024 other replicas are left out, which is no error.
    pub fn merge_all(&self, events: HashMap<String, SingleEventCounter>) -> Result<()> {
        self.shared.merge_counters(sorted(events))
    }

    /// Merges one counter, as `merge_all` does. A counter without counts changes nothing.
    ///
    /// # Errors
    /// As `merge_all`.
    pub fn merge_event(&self, event_id: impl EventId, counter: SingleEventCounter) -> Result<()> {
        let events = vec![(event_id.as_ref().to_owned(), counter)];
        self.shared.merge_counters(events)
    }

    /// Merges everything that another store counted. The other store is persisted first, if it has
    /// a storage, and closed.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// let other = EventStore::new();
    /// other.record("event");
    /// store.merge(other).unwrap();
    /// assert_eq!(store.query("event").ever().sum(), Some(1));
    /// ```
    ///
    /// # Errors
    /// What prevents the export of the other store or the merge into this one. Nothing is changed
    /// in this store then.
    pub fn merge(&self, other: Self) -> Result<()> {
        // Not sealed: nothing leaves the process, and the stores may have different keys.
        let envelope = other.exported_envelope()?;
        self.shared.check_open()?;
        self.shared.merge_envelope(&envelope).map(|_| ())
    }

    /// Merges bytes that `export_bytes` or `export_since` of another store returned, or one part
    /// of `export_parts` or `export_parts_since`. What is known already is not counted again, in
    /// any order and any number of times. What the other store erased is erased here too; the names
    /// leave the files of this store with the next persist or close. An event whose counts of other
    /// replicas would take more than 8 MiB is left out and counted in [`MergeReport::refused`].
    ///
    /// It takes at most 20 times the bytes of memory, 400 bytes for each event and 200 for each
    /// erased part of an event, and up to 80 MiB while the largest event is joined. With a sync key
    /// it takes the bytes once more.
    ///
    /// # Errors
    /// `Corrupt` for bytes that are damaged or not an export, of more than 32 MiB or with more than
    /// 100,000 events; `Incompatible` for an export of a newer version; a stored event that cannot
    /// be read; `Closed`. With a sync key also `Corrupt` for bytes that are not sealed, or sealed
    /// with another key; without one `SyncKeyRequired` for sealed bytes. Nothing is changed then.
    pub fn merge_bytes(&self, bytes: &[u8]) -> Result<MergeReport> {
        self.shared.check_open()?;
        self.shared.merge_envelope(&self.shared.sync_keys.open(EXPORT.name, bytes)?)
    }

    /// Replaces an event by a counter. What this device had counted of it disappears here at once,
    /// and on other devices at their next merge. What the counter holds of this device counts as
    /// its own from now on, also if it was erased here. Counts of other replicas that are erased
    /// here are left out. If nothing is left to count, the event is no longer known. What others
    /// counted comes back with their next export. If the counter shows that this store is an older
    /// copy of itself, it counts under a new identity from now on.
    ///
    /// # Errors
    /// As `merge_all`.
    pub fn import_event(&self, event_id: impl EventId, counter: SingleEventCounter) -> Result<()> {
        self.shared.import(vec![(event_id.as_ref().to_owned(), counter)])
    }

    /// Replaces events by counters, all or none. Other events stay as they are.
    ///
    /// # Errors
    /// As `merge_all`.
    pub fn import_all(&self, events: HashMap<String, SingleEventCounter>) -> Result<()> {
        self.shared.import(sorted(events))
    }
}

fn sorted(events: HashMap<String, SingleEventCounter>) -> NamedCounters {
    let mut events: NamedCounters = events.into_iter().collect();
    events.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    events
}

fn checked_names(events: &NamedCounters) -> Result<Vec<String>> {
    events.iter().map(|(name, _)| checked_name(name).map(str::to_owned)).collect()
}

impl Shared {
    /// Merges an export that is not sealed.
    fn merge_envelope(self: &Arc<Self>, envelope: &[u8]) -> Result<MergeReport> {
        let received = Received::check(EXPORT.open("", envelope)?)
            .map_err(|Malformed(what)| Error::corrupt(format!("the export cannot be read: {what}")))?;
        self.merge_and(&Incoming::Received(&received), |_| Ok(()))
    }

    /// Merges all counters or none.
    fn merge_counters(self: &Arc<Self>, events: NamedCounters) -> Result<()> {
        let message = Message { events, ..Message::default() };
        let check = |engine: &mut Engine| {
            message.events.iter().try_for_each(|(name, counter)| engine.check_merge(name, counter))
        };
        self.merge_and(&Incoming::Held(&message), check).map(|_| ())
    }

    /// Merges a message that was checked. It calls `before` under the same lock. If that fails,
    /// nothing is merged.
    pub(super) fn merge_and(
        self: &Arc<Self>,
        message: &Incoming<'_>,
        before: impl FnOnce(&mut Engine) -> Result<()>,
    ) -> Result<MergeReport> {
        let names = message.names();
        let names = names.into_iter().map(|name| checked_name(name).map(str::to_owned));
        let names = names.collect::<Result<Vec<String>>>()?;
        // Read in portions first, so that the merge has little left to read in one step.
        self.with_loaded_in_portions(&names, |_, _| ())?;
        let restarted = self.leave_older_copy(message)?;
        let mut merged = self.with_loaded_at(names.iter().map(String::as_str), self.now(), |engine| {
            before(engine)?;
            Ok(engine.merge(message))
        })?;
        merged.report.restarted |= restarted;
        if merged.erases {
            // An event that is not in memory drops its erased cells when it is read.
            let names = self.names_in_memory();
            let changed = &mut merged.report.events_changed;
            self.with_memory_in_portions(&names, |engine, names| *changed += engine.drop_erased(names));
        }
        self.arrange_write();
        Ok(merged.report)
    }

    /// Leaves the own lane if what arrived shows that this store is an older copy. That is durable
    /// before it is applied, so that a kill in between does not join later counts to the own ones.
    /// Returns whether it was left.
    fn leave_older_copy(&self, message: &Incoming<'_>) -> Result<bool> {
        let is_older = self.with_memory(|engine| {
            let is_older = engine.is_older_copy(message);
            if is_older {
                engine.retire_lane();
            }
            is_older
        });
        if is_older && self.storage.is_some() {
            self.flush(Due::Undurable, true)?;
        }
        Ok(is_older)
    }

    fn import(self: &Arc<Self>, events: NamedCounters) -> Result<()> {
        let names = checked_names(&events)?;
        let message = Message { events, ..Message::default() };
        self.leave_older_copy(&Incoming::Held(&message))?;
        let drawn = LaneId(random()?);
        self.with_replaceable_at(names.iter().map(String::as_str), self.now(), |engine| {
            message.events.iter().try_for_each(|(name, counter)| engine.check_import(name, counter))?;
            // What a cell replaces is only looked for if the cell has a lane.
            engine.set_lane_if_absent(drawn);
            for (name, counter) in message.events {
                engine.import(&name, counter);
            }
            Ok(())
        })?;
        self.arrange_write();
        Ok(())
    }
}
