//! Exporting counts for other stores. What is exported is durable before it is returned. So this
//! store knows every stamp of its own that it is shown, unless it is an older copy of itself.

use std::collections::HashMap;

use super::EventStore;
use super::shared::Shared;
use crate::bounds::MAX_EXPORTED_EVENTS;
use crate::codec::{self, Malformed, Message, SyncState};
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::{Due, Entry, HeldCells, remove_known, split};
use crate::error::{Error, Result};
use crate::formatter::envelope::{EXPORT, SYNC_STATE};
use crate::random::random;

impl EventStore {
    /// The counters of all events, stored ones included. Another store takes them with `merge_all`
    /// or `import_all`. What is recorded during the call may or may not be included. A sync key
    /// does not seal them.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let phone = EventStore::new();
    /// phone.record("app_launch");
    /// let tablet = EventStore::new();
    /// tablet.record("app_launch");
    ///
    /// tablet.merge_all(phone.export_all().unwrap()).unwrap();
    /// tablet.merge_all(phone.export_all().unwrap()).unwrap(); // a repetition changes nothing
    /// assert_eq!(tablet.query("app_launch").ever().sum(), Some(2));
    /// ```
    ///
    /// # Errors
    /// An event that cannot be read, named in the error's field; a storage that cannot be written;
    /// `Closed`.
    pub fn export_all(&self) -> Result<HashMap<String, SingleEventCounter>> {
        Ok(self.shared.export(|_| true)?.events.into_iter().collect())
    }

    /// The counters of the events that changed since the last persist or `reset_dirty`. They stay
    /// dirty. A sync key does not seal them.
    ///
    /// # Errors
    /// As `export_all`.
    pub fn export_dirty(&self) -> Result<HashMap<String, SingleEventCounter>> {
        Ok(self.shared.export(Entry::is_dirty)?.events.into_iter().collect())
    }

    /// All events as bytes, for `merge_bytes` on another device. Without a sync key
    /// (`with_sync_key`) the bytes hold names and counts that are not encrypted, and whoever can
    /// change the bytes on their way can add counts and erase events.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let phone = EventStore::new();
    /// phone.record("app_launch");
    /// let tablet = EventStore::new();
    /// let report = tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    /// assert_eq!(report.events_changed, 1);
    /// assert_eq!(tablet.query("app_launch").ever().sum(), Some(1));
    /// ```
    ///
    /// # Errors
    /// As `export_all`; `TooLarge` for more than 100,000 events or 32 MiB, which no store accepts:
    /// `export_parts` has no such limit.
    pub fn export_bytes(&self) -> Result<Vec<u8>> {
        self.shared.sync_keys.seal(self.exported_envelope()?)
    }

    /// All events, not sealed.
    pub(super) fn exported_envelope(&self) -> Result<Vec<u8>> {
        envelope(&self.shared.export(|_| true)?)
    }

    /// As `export_bytes`, in parts of about `max_bytes`, for a transport that limits the size of a
    /// message. Each part is merged with `merge_bytes`, in any order and any number of times.
    ///
    /// A part is longer than `max_bytes` if the counts of one event on one device are. Each part
    /// repeats what the store knows of each replica, about 50 bytes for each. If that takes more
    /// than half of `max_bytes`, each part is twice as long as that.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let (phone, tablet) = (EventStore::new(), EventStore::new());
    /// phone.record("app_launch");
    /// for part in phone.export_parts(64 << 10).unwrap() {
    ///     tablet.merge_bytes(&part).unwrap();
    /// }
    /// assert_eq!(tablet.query("app_launch").ever().sum(), Some(1));
    /// ```
    ///
    /// # Errors
    /// As `export_all`; `TooLarge` if one part would take more than 32 MiB; `Unavailable` if
    /// the system has no random numbers.
    pub fn export_parts(&self, max_bytes: usize) -> Result<Vec<Vec<u8>>> {
        self.shared.parts(self.shared.export(|_| true)?, max_bytes)
    }

    /// As `export_parts`, but without what the store with this sync state has already.
    ///
    /// # Errors
    /// As `export_since` and `export_parts`.
    pub fn export_parts_since(&self, knowledge: &[u8], max_bytes: usize) -> Result<Vec<Vec<u8>>> {
        self.shared.parts(self.shared.export_for(knowledge)?, max_bytes)
    }

    /// The sync state of this store: what it knows of all replicas. Another store's `export_since`
    /// takes it and exports only what is new to this store.
    ///
    /// # Errors
    /// An event that cannot be read, if the claims of this store do not say what it has; `Closed`;
    /// `Unavailable` if the system has no random numbers.
    pub fn knowledge(&self) -> Result<Vec<u8>> {
        self.shared.check_open()?;
        let mut payload = Vec::new();
        codec::put_sync_state(&self.shared.sync_state()?, &mut payload);
        self.shared.sync_keys.seal(SYNC_STATE.seal("", &payload)?)
    }

    /// As `export_bytes`, but without what the store with this sync state has already.
    ///
    /// # Errors
    /// `Corrupt` or `Incompatible` for a sync state that cannot be read. With a sync key also
    /// `Corrupt` for one that is not sealed, or sealed with another key; without one
    /// `SyncKeyRequired` for a sealed one. Otherwise as `export_bytes`.
    pub fn export_since(&self, knowledge: &[u8]) -> Result<Vec<u8>> {
        self.shared.sync_keys.seal(envelope(&self.shared.export_for(knowledge)?)?)
    }
}

/// A message in its envelope.
fn envelope(message: &Message) -> Result<Vec<u8>> {
    if message.events.len() > MAX_EXPORTED_EVENTS {
        return Err(Error::TooLarge {
            what: "an export can hold at most 100,000 events; export in parts, or erase events that are no \
                   longer needed"
                .into(),
            event: None,
        });
    }
    let mut payload = Vec::new();
    codec::put_message(message, &mut payload);
    EXPORT.seal("", &payload)
}

impl Shared {
    /// A message as parts of about `max_bytes`.
    fn parts(&self, message: Message, max_bytes: usize) -> Result<Vec<Vec<u8>>> {
        let mut base = Message { events: Vec::new(), ..message.clone() };
        base.lanes.iter_mut().for_each(|part| part.births.clear());
        let number = u64::from_le_bytes(random()?);
        let mut head = Vec::new();
        codec::put_message(&base, &mut head);
        let parts = split(message, max_bytes, head.len(), number);
        parts.iter().map(|part| self.sync_keys.seal(envelope(part)?)).collect()
    }

    /// What the store with this sync state does not have.
    fn export_for(&self, knowledge: &[u8]) -> Result<Message> {
        let knowledge = self.sync_keys.open(SYNC_STATE.name, knowledge)?;
        let state = codec::sync_state(SYNC_STATE.open("", &knowledge)?)
            .map_err(|Malformed(what)| Error::corrupt(format!("the sync state cannot be read: {what}")))?;
        let is_older = self.with_memory(|engine| {
            let is_older = engine.is_older_copy_for(&state);
            if is_older {
                engine.retire_lane();
            }
            is_older
        });
        let mut message = self.export(|_| true)?;
        if !is_older {
            let horizon = self.with_memory(|engine| engine.horizon_instant());
            remove_known(&mut message, &state, horizon);
        }
        Ok(message)
    }

    fn sync_state(&self) -> Result<SyncState> {
        if self.with_memory(|engine| !engine.has_epoch()) {
            let drawn = random()?;
            self.with_memory(|engine| engine.set_epoch_if_absent(drawn));
        }
        let mut held = HeldCells::default();
        if self.with_memory(|engine| engine.has_untold_cells()) {
            self.with_all_loaded_in_portions(|engine, names| engine.add_held(names, &mut held))?;
        }
        Ok(self.with_memory(|engine| engine.sync_state(held)))
    }

    /// The wanted events, read and durable.
    #[inline(never)]
    fn export(&self, wanted: fn(&Entry) -> bool) -> Result<Message> {
        if !self.with_memory(|engine| engine.has_lane()) {
            self.with_all_loaded_in_portions(|_, _| ())?;
            self.ensure_own_lane()?;
        }
        loop {
            let claims = self.with_memory(|engine| engine.begin_export());
            let mut events = Vec::new();
            self.with_all_loaded_in_portions(|engine, names| {
                let exported = |name: &String| Some((name.clone(), engine.exported(name, wanted)?));
                events.extend(names.iter().filter_map(exported));
            })?;
            // Makes what was collected durable, or a later state of it.
            let message = match &self.storage {
                Some(_) => self.flush_and(Due::Undurable, true, |engine| Ok(engine.end_export(&claims)))?.0,
                None => self.with_memory(|engine| engine.end_export(&claims)),
            };
            if let Some(message) = message {
                return Ok(Message { events, ..message });
            }
            self.ensure_own_lane()?;
        }
    }
}
