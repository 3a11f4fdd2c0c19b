//! Taking over the counts of another library once.

use std::sync::Arc;

use super::EventStore;
use super::shared::Shared;
use crate::bounds::{MAX_EXPORTED_EVENTS, MAX_NAME_BYTES};
use crate::engine::{Due, Engine, import_key};
use crate::error::{Error, Result};
use crate::event_id::checked_name;
use crate::occurrence::Occurrence;
use crate::time::instant::{self, MINUTE};

impl EventStore {
    /// Takes over the counts of another library, of a preferences file for example, once. It calls
    /// `read` for them, unless the counts of `key` were taken over before, and returns whether they
    /// were taken over now. When it returns, they survive a power loss: the old ones may be
    /// removed.
    ///
    /// ```
    /// use chrono::{TimeZone, Utc};
    /// use tiny_counter::{EventStore, Occurrence};
    ///
    /// let store = EventStore::new();
    /// let last_launch = Utc.with_ymd_and_hms(2024, 5, 1, 12, 0, 0).unwrap();
    /// for _ in 0..2 {
    ///     store.import_once("prefs-v1", || [Occurrence::new("launch", last_launch, 50)]).unwrap();
    /// }
    /// assert_eq!(store.query("launch").lifetime(), Some(50));
    /// ```
    ///
    /// All counts of an [`Occurrence`] lie at its instant, in the bucket of every unit that holds
    /// it; a cooldown counts from there. An event can occur several times, for example once for
    /// each day. If it is not known when an event happened, take an instant that is the same with
    /// each call, such as the date of the old file. A count of 0 is left out. Leave the old counts
    /// as they are until the call has returned: if the process is killed before, another call can
    /// take over what it reads then in addition.
    ///
    /// The counts become a replica of their own, whose identity is made of the key, the names, the
    /// counts and the instants. If several devices take over the same counts under one key, for
    /// example those of a restored backup, these count once when the devices merge. Counts that
    /// differ belong to different devices, and all of them count. If equal counts of two devices
    /// have to count twice, use another key on each device.
    ///
    /// Recordings of [`SESSION`](crate::SESSION) and [`APP_VERSION`](crate::APP_VERSION) that are
    /// taken over are those of another replica too. They count, and no window of this device begins
    /// with them.
    ///
    /// What was erased since does not come back: neither by another call, nor on another device
    /// that has merged the erasure. `erase_all` forgets no key.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty key, a key of more than 1,024 bytes, and for more than
    /// 100,000 occurrences; `InvalidEvent` for an event name of more than 1,024 bytes;
    /// `FutureEvent` for an instant of more than one minute ahead; `TooLarge` if the counts of an
    /// event would take more than 8 MiB; `Storage` beyond 64 keys, and if the store has the counts
    /// of 1,024 other replicas; a stored event that cannot be read; `Closed`. Nothing is taken over
    /// then. `NotWritten` if the storage cannot be written. Answers include the counts already.
    /// Keep the old ones, and call it again later: it writes what it read first.
    pub fn import_once<Counts>(&self, key: &str, read: impl FnOnce() -> Counts) -> Result<bool>
    where
        Counts: IntoIterator<Item = Occurrence>,
    {
        if self.has_imported(key)? {
            return Ok(false);
        }
        self.shared.import_once(key, read().into_iter().take(MAX_EXPORTED_EVENTS + 1).collect())
    }

    /// Whether [`import_once`](Self::import_once) has taken over the counts of a key.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty key and a key of more than 1,024 bytes; `Closed`.
    pub fn has_imported(&self, key: &str) -> Result<bool> {
        if key.is_empty() || key.len() > MAX_NAME_BYTES {
            return Err(Error::InvalidArgument(
                "the key of an import must have 1 to 1,024 bytes of UTF-8; use another one".into(),
            ));
        }
        self.shared.check_open()?;
        Ok(self.shared.with_memory(|engine| engine.has_imported(import_key(key))))
    }
}

impl Shared {
    fn import_once(self: &Arc<Self>, key: &str, counts: Vec<Occurrence>) -> Result<bool> {
        if counts.len() > MAX_EXPORTED_EVENTS {
            return Err(Error::InvalidArgument(format!(
                "an import may have at most {MAX_EXPORTED_EVENTS} occurrences; add up those of each day"
            )));
        }
        let latest = self.now().saturating_add(MINUTE);
        for Occurrence { at, event_id, .. } in &counts {
            checked_name(event_id)?;
            if instant::of(*at) > latest {
                return Err(Error::FutureEvent);
            }
        }
        // Many counts take long, so they become a replica without the lock.
        let settings = |engine: &mut Engine| (engine.clock.tracking.clone(), engine.clock.zone.clone());
        let (tracking, zone) = self.with_memory(settings);
        let import = Engine::new(tracking, zone).into_import(key, counts);
        let names: Vec<String> = import.names().map(str::to_owned).collect();
        // Read in portions first, so that the import has little left to read in one step.
        self.with_loaded_in_portions(&names, |_, _| ())?;
        let names = names.iter().map(String::as_str);
        self.with_loaded_at(names, self.now(), |engine| engine.import_once(&import))?;
        self.make_durable()?;
        let is_new = self.with_memory(|engine| engine.note_import(&import))?;
        self.make_durable()?;
        Ok(is_new)
    }

    fn make_durable(&self) -> Result<()> {
        match self.storage {
            Some(_) => self.flush(Due::Undurable, true).map_err(Error::not_written),
            None => Ok(()),
        }
    }
}
