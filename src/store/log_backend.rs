//! The log as the store's storage: counters without an envelope (a frame has its own checksum), and the store's record.

use super::backend::Backend;
use super::changes::Changes;
use crate::codec::{self, Malformed, Meta};
use crate::counter::event_counter::SingleEventCounter;
use crate::error::{Error, Result};
use crate::storage::log::{LogStore, Op};

/// The store's own record, as it was when the log was opened.
pub(super) fn stored_meta(log: &LogStore) -> Result<Option<Meta>> {
    let bytes = log.meta();
    bytes.map(|bytes| codec::meta(&bytes)).transpose().map_err(|Malformed(what)| Error::corrupt(what))
}

impl Backend for LogStore {
    fn is_log(&self) -> bool {
        true
    }

    fn may_hold(&self, name: &str) -> bool {
        self.contains(name)
    }

    fn load(&self, name: &str) -> Result<Option<SingleEventCounter>> {
        let counter = LogStore::load(self, name)?.map(|bytes| codec::counter(&bytes)).transpose();
        counter.map_err(|Malformed(what)| Error::Corrupt { what: what.into(), event: Some(name.to_owned()) })
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.keys())
    }

    fn write(&self, changes: &Changes, meta: Option<&Meta>) -> Result<()> {
        let meta = meta.map(|meta| {
            let mut bytes = Vec::new();
            codec::put_meta(meta, &mut bytes);
            bytes
        });
        let events = changes.iter().map(|(key, value)| match value {
            Some(value) => Op::Put { key, value },
            None => Op::Delete { key },
        });
        let ops: Vec<Op<'_>> = meta.iter().map(|value| Op::Meta { value }).chain(events).collect();
        if ops.is_empty() { Ok(()) } else { LogStore::write(self, &ops) }
    }

    fn sync(&self) -> Result<()> {
        LogStore::sync(self)
    }

    fn wants_compaction(&self) -> bool {
        LogStore::wants_compaction(self)
    }

    fn compact(&self) -> Result<()> {
        LogStore::compact(self)
    }

    fn close(&self) {
        LogStore::close(self);
    }
}
