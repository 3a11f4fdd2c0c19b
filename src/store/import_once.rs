//! Taking over the counts of another library once.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::EventStore;
use super::shared::Shared;
use crate::bounds::{MAX_EXPORTED_EVENTS, MAX_NAME_BYTES};
use crate::engine::{DatedImport, Due, import_key};
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked_name};
use crate::time::instant::{self, MINUTE};

/// The counts that [`EventStore::import_once`] takes over.
#[derive(Debug, Default)]
pub struct ImportedCounts {
    counts: Vec<DatedImport>,
}

impl ImportedCounts {
    /// Adds that an event happened `count` times, the last time at `last`. All of them count at that
    /// instant, in the bucket of every unit that holds it, as with
    /// [`record_count_at`](EventStore::record_count_at). Add an event several times if its counts
    /// are known by day. A count of 0 is left out.
    ///
    /// If it is not known when an event last happened, take an instant that is the same each time,
    /// for example the date of the old file. A cooldown counts from that instant.
    pub fn add(&mut self, event_id: impl EventId, count: u32, last: DateTime<Utc>) -> &mut Self {
        if count > 0 {
            let (at, event) = (instant::of(last), event_id.as_ref().to_owned());
            self.counts.push(DatedImport { at, event, count });
        }
        self
    }
}

impl EventStore {
    /// Takes over the counts of another library, a preferences file for example, once. `read` is
    /// called to get them, unless the counts of `key` were taken over before. It returns true if
    /// counts were taken over now. When it returns, they survive a power loss: the old ones may be
    /// removed.
    ///
    /// ```
    /// use chrono::{TimeZone, Utc};
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// let last_launch = Utc.with_ymd_and_hms(2024, 5, 1, 12, 0, 0).unwrap();
    /// for _ in 0..2 {
    ///     store
    ///         .import_once("prefs-v1", |counts| {
    ///             counts.add("launch", 50, last_launch);
    ///         })
    ///         .unwrap();
    /// }
    /// assert_eq!(store.query("launch").lifetime(), Some(50));
    /// ```
    ///
    /// The counts become a replica of their own, whose identity is made of the key, the names, the
    /// counts and the instants. If several devices take over the same counts under one key, for
    /// example from a backup that was restored, they count once when the devices merge. Counts that
    /// differ are those of different devices, and all of them count. To count the same numbers of
    /// two devices twice, make the key different on each device.
    ///
    /// What was erased since does not come back: neither by another call, nor on another device
    /// that has merged the erasure. `erase_all` does not forget the key.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty key, a key of more than 1,024 bytes, and for more than 100,000
    /// counts; `InvalidEvent` for an event name of more than 1,024 bytes; `FutureEvent` for an
    /// instant of more than one minute ahead; `TooLarge` if the counts of an event would take more
    /// than 8 MiB; `Storage` beyond 64 keys, and if the store has the counts of 1,024 other
    /// replicas; a stored event that cannot be read; `Closed`. Nothing is taken over then.
    /// `NotWritten` if the storage cannot be written: the counts count then. Keep the old ones, and
    /// call it again later.
    pub fn import_once(&self, key: &str, read: impl FnOnce(&mut ImportedCounts)) -> Result<bool> {
        if self.has_imported(key)? {
            return Ok(false);
        }
        let mut counts = ImportedCounts::default();
        read(&mut counts);
        self.shared.import_once(key, counts.counts)
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
    fn import_once(self: &Arc<Self>, key: &str, counts: Vec<DatedImport>) -> Result<bool> {
        if counts.len() > MAX_EXPORTED_EVENTS {
            return Err(Error::InvalidArgument(format!(
                "an import may have at most {MAX_EXPORTED_EVENTS} counts; add up the counts of each day"
            )));
        }
        let latest = self.now().saturating_add(MINUTE);
        for DatedImport { at, event, .. } in &counts {
            checked_name(event)?;
            if *at > latest {
                return Err(Error::FutureEvent);
            }
        }
        let import = self.with_memory(|engine| engine.prepare_import(key, counts));
        let names: Vec<String> = import.names().map(str::to_owned).collect();
        // Read in portions first, so that the import has little left to read in one step.
        self.with_loaded_in_portions(&names, |_, _| ())?;
        let names = names.iter().map(String::as_str);
        self.with_loaded_at(names, self.now(), |engine| engine.import_once(&import))?;
        self.make_durable()?;
        let is_new = self.with_memory(|engine| engine.note_import(&import));
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
