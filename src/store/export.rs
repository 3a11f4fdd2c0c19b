//! Handing out what is counted. What is handed out is durable first, so that no stamp that left the device is ever given out again.

use std::collections::HashMap;

use super::EventStore;
use super::entry::Entry;
use super::flush::{Due, snapshot};
use super::inner::Inner;
use crate::codec::{self, MOST_EVENTS, Message};
use crate::counter::event_counter::SingleEventCounter;
use crate::error::{Error, Result};
use crate::formatter::envelope::EXPORT;

impl EventStore {
    /// All events, stored ones included, as counters that another store can take in with `merge_all` or `import_all`.
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
    /// An event that cannot be read, named in the error's field; whatever hinders saving.
    pub fn export_all(&self) -> Result<HashMap<String, SingleEventCounter>> {
        Ok(self.inner.export(|_| true)?.1.into_iter().collect())
    }

    /// The events that changed since the last persist or `reset_dirty`; they stay dirty.
    ///
    /// # Errors
    /// As `export_all`.
    pub fn export_dirty(&self) -> Result<HashMap<String, SingleEventCounter>> {
        Ok(self.inner.export(|entry| entry.marks.dirty || entry.in_flight)?.1.into_iter().collect())
    }

    /// All events in one piece, for `merge_bytes` on another device. The bytes hold names and counts in clear: encrypt them where others
    /// could read them.
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
    /// As `export_all`; `Storage` for more than 32 MiB or 100,000 events, which no store takes in.
    pub fn export_bytes(&self) -> Result<Vec<u8>> {
        let (mut message, events) = self.inner.export(|_| true)?;
        message.events = events;
        sealed(&message)
    }
}

/// A message as the bytes that leave the device.
pub(super) fn sealed(message: &Message) -> Result<Vec<u8>> {
    if message.events.len() > MOST_EVENTS {
        return Err(Error::Storage(
            "an export may not hold more than 100,000 events; erase those that nobody needs".into(),
        ));
    }
    let mut payload = Vec::new();
    codec::put_message(message, &mut payload);
    EXPORT.seal(&payload)
}

type Exported = (Message, Vec<(String, SingleEventCounter)>);

impl Inner {
    /// The events that are wanted, read and durable.
    pub(super) fn export(&self, wanted: impl Fn(&Entry) -> bool) -> Result<Exported> {
        drop(self.all_loaded()?);
        self.find_own_lane()?;
        let take = |state: &mut super::state::State| {
            let mut events = snapshot(state, &wanted);
            // The mark of the writer is for storages; what is exchanged has one form.
            events.iter_mut().for_each(|(_, counter)| counter.own = None);
            Ok((Message::of(state), events))
        };
        match &self.backend {
            Some(_) => self.flush_and(Due::Undurable, true, take).map(|(exported, _)| exported),
            None => take(&mut self.state.lock()),
        }
    }
}
