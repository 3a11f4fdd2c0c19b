//! The log as a storage. Values have no envelope, because each frame of the log has a checksum.

use std::borrow::Cow;

use super::backend::{Backend, Damage};
use super::stored_event::unreadable;
use crate::codec::{self, StoredEvent};
use crate::engine::{Change, Changes};
use crate::error::Result;
use crate::storage::key;
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
        self.contains(&key::of_event(name))
    }

    fn load(&self, name: &str) -> Result<Option<StoredEvent>> {
        let Some(bytes) = LogStore::load(self, &key::of_event(name))? else { return Ok(None) };
        codec::event(&bytes).map(Some).map_err(|error| unreadable(error, name))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.keys().iter().filter_map(|key| key::event(key)).collect())
    }

    fn load_record(&self, name: &str) -> Result<Option<Vec<u8>>> {
        if name == key::STORE { Ok(self.meta()) } else { LogStore::load(self, &key::reserved(name)) }
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        // Only keys that differ from the name of their event are allocated.
        let keys: Vec<Cow<'_, str>> = changes.in_order().filter_map(other_key).collect();
        let ops = changes.in_order().scan(keys.iter(), |keys, change| {
            let (key, value) = match change {
                Change::Page { bytes, .. } => (keys.next()?.as_ref(), Some(bytes)),
                Change::Event(name, value) if key::is_name(name) => (name, value),
                Change::Event(_, value) => (keys.next()?.as_ref(), value),
            };
            Some(value.map_or(Op::Delete { key }, |value| Op::Put { key, value }))
        });
        let record = changes.record().into_iter();
        LogStore::write(self, record.map(|value| Op::Meta { value }).chain(ops))
    }

    fn sync(&self) -> Result<()> {
        LogStore::sync(self)
    }

    fn wants_compaction(&self) -> bool {
        LogStore::wants_compaction(self)
    }

    fn holds_removed(&self) -> bool {
        LogStore::holds_removed(self)
    }

    fn compact(&self) -> Result<()> {
        LogStore::compact(self)
    }

    fn remove_kept_aside(&self) -> Result<()> {
        LogStore::remove_copies(self)
    }

    fn close(&self) {
        LogStore::close(self);
    }
}

/// The key of a change; absent if it is the name of the event.
fn other_key(change: Change<'_>) -> Option<Cow<'_, str>> {
    match change {
        Change::Page { id, .. } => Some(key::reserved(&id.name()).into()),
        Change::Event(name, _) => (!key::is_name(name)).then(|| key::of_event(name)),
    }
}
