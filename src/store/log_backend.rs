//! The log as a storage. Values have no envelope, because each frame of the log has a checksum.

use std::borrow::Cow;

use super::backend::{Backend, Damage};
use super::stored_event::unreadable;
use crate::codec::{self, StoredEvent};
use crate::engine::{Change, Changes};
use crate::error::{Error, Result};
use crate::storage::key::{self, Part};
use crate::storage::log::{LogStore, Op, OpenReport};

impl From<OpenReport> for Damage {
    fn from(OpenReport { lost, lost_unknown, kept_aside, .. }: OpenReport) -> Damage {
        Damage { lost, lost_unknown, any_is_earlier: lost_unknown, kept_aside }
    }
}

impl Backend for LogStore {
    fn writes_in_background(&self) -> bool {
        true
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn may_hold(&self, name: &str) -> bool {
        key::is_any(name, |key| self.contains(key))
    }

    fn load_part(&self, name: &str, part: Part) -> Result<Option<StoredEvent>> {
        let bytes = LogStore::load(self, &key::of(name, part)).map_err(about_event)?;
        bytes.map(|bytes| codec::event(&bytes).map_err(|error| unreadable(error, name))).transpose()
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(key::events(&self.keys()))
    }

    fn load_record(&self, name: &str) -> Result<Option<Vec<u8>>> {
        if name == key::STORE { Ok(self.meta()) } else { LogStore::load(self, &key::reserved(name)) }
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        // Most events have no cells of other lanes. A removal would only write their names.
        let is_absent = |(name, part, value): &(&str, Part, Option<&[u8]>)| {
            *part == Part::Others && value.is_none() && !self.contains(&key::of(name, *part))
        };
        let mut absent: Vec<&str> = changes.events().filter(is_absent).map(|(name, ..)| name).collect();
        absent.sort_unstable();
        let is_needed = |change: &Change<'_>| !matches!(change, Change::Event(name, Part::Others, None) if absent.binary_search(name).is_ok());
        let in_order = || changes.in_order().filter(is_needed);
        // Only keys that differ from the name of their event are allocated.
        let keys: Vec<Cow<'_, str>> = in_order().filter_map(other_key).collect();
        let ops = in_order().scan(keys.iter(), |keys, change| {
            let (key, value) = match change {
                Change::Page { bytes, .. } => (keys.next()?.as_ref(), Some(bytes)),
                Change::Event(name, Part::Event, value) if key::is_name(name) => (name, value),
                Change::Event(_, _, value) => (keys.next()?.as_ref(), value),
            };
            Some(value.map_or(Op::Delete { key }, |value| Op::Put { key, value }))
        });
        let record = changes.record().into_iter();
        LogStore::write(self, record.map(|value| Op::Meta { value }).chain(ops))
    }

    fn sync(&self) -> Result<()> {
        LogStore::sync(self).map_err(about_event)
    }

    fn wants_compaction(&self) -> bool {
        LogStore::wants_compaction(self)
    }

    fn holds_removed(&self) -> bool {
        LogStore::holds_removed(self)
    }

    fn compact(&self) -> Result<()> {
        LogStore::compact(self).map_err(about_event)
    }

    fn remove_kept_aside(&self) -> Result<()> {
        LogStore::remove_copies(self)
    }

    fn is_changed(&self) -> bool {
        LogStore::is_changed(self)
    }

    fn close(&self) {
        LogStore::close(self);
    }

    fn reopen(&self, now: i64) -> Result<Damage> {
        LogStore::reopen(self, now).map(Damage::from)
    }
}

/// The key of a change; absent if it is the name of the event.
fn other_key(change: Change<'_>) -> Option<Cow<'_, str>> {
    match change {
        Change::Page { id, .. } => Some(key::reserved(&id.name()).into()),
        Change::Event(name, Part::Event, _) if key::is_name(name) => None,
        Change::Event(name, part, _) => Some(key::of(name, part)),
    }
}

/// The log names the key of a record. The error of a value of an event names the event.
fn about_event(error: Error) -> Error {
    let name = |key: Option<String>| key.map(|key| key::event(&key).map(str::to_owned).unwrap_or(key));
    match error {
        Error::Corrupt { what, event } => Error::Corrupt { what, event: name(event) },
        Error::Unavailable { what, event } => Error::Unavailable { what, event: name(event) },
        error => error,
    }
}
