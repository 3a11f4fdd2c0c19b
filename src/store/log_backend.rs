//! The log as a storage. Counters have no envelope, because each frame of the log has a checksum.

use super::backend::Backend;
use crate::codec::{self, Malformed, StoreRecord};
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::{Changes, Engine};
use crate::error::{Error, Result};
use crate::storage::log::{LogStore, Op, OpenReport};
use crate::time::instant;

/// Continues from the store record of a log and adds what the log lost. Returns the record that the
/// log has; absent if it must be written anew.
pub(super) fn resume(
    engine: &mut Engine,
    log: &LogStore,
    report: OpenReport,
    now: i64,
) -> Option<StoreRecord> {
    let now = instant::clamp(now);
    let (mut record, mut is_lost) = (None, report.lost_unknown);
    match stored_record(log) {
        Ok(Some(stored)) => {
            record = Some(stored.clone());
            engine.resume(stored);
        }
        Ok(None) => {}
        Err(error) => {
            log::error!("the store record of the log was lost: {error}");
            engine.note_lost_record(now);
            is_lost = true;
        }
    }
    if is_lost {
        resume_generation(engine, log);
    }
    let lost: Vec<Option<String>> =
        report.lost.into_iter().map(Some).chain(report.lost_unknown.then_some(None)).collect();
    if !lost.is_empty() {
        engine.add_losses(lost, now);
        record = None;
    }
    engine.set_kept_aside(report.kept_aside);
    record
}

/// Takes the generation of the store from the events, because the store record was lost. What is
/// recorded from now on would otherwise count as erased.
fn resume_generation(engine: &mut Engine, log: &LogStore) {
    for name in log.keys() {
        // An event that cannot be read is reported when it is needed.
        if let Ok(Some(counter)) = Backend::load(log, &name) {
            engine.observe_stored_generation(counter.generation);
        }
    }
}

fn stored_record(log: &LogStore) -> Result<Option<StoreRecord>> {
    let record = log.meta().map(|bytes| codec::store_record(&bytes)).transpose();
    record.map_err(|Malformed(what)| Error::corrupt(what))
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

    fn write(&self, changes: &Changes, record: Option<&StoreRecord>) -> Result<()> {
        let record = record.map(|record| {
            let mut bytes = Vec::new();
            codec::put_store_record(record, &mut bytes);
            bytes
        });
        let events = changes.iter().map(|(key, value)| match value {
            Some(value) => Op::Put { key, value },
            None => Op::Delete { key },
        });
        LogStore::write(self, record.iter().map(|value| Op::Meta { value }).chain(events))
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
