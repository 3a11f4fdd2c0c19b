//! The JSON form of the records of the store and of events: `{"format":1,"checksum":…,"record":…}`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::serde_form::{hex, lane};
use crate::codec::{
    self, ClaimRecord, CoverageRecord, LaneRecord, LocalPart, Malformed, StampRecord, StoreRecord,
};
use crate::counter::lane::LaneId;
use crate::error::{Error, Result};

/// The format that is written, and the newest one that can be read.
const FORMAT: u32 = 1;

/// What errors call a record of the store, and an event.
const RECORD: &str = "a record of the store";
const EVENT: &str = "a stored event";

/// What a record of the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordKind {
    /// The store record.
    Store,
    /// A page of erased cells.
    Erased,
    /// A page of what is known of lanes.
    Lanes,
    /// A page of claims.
    Claims,
    /// A page of event names.
    Names,
    /// A page of the keys of stored events.
    StoredKeys,
}

#[derive(Serialize, Deserialize)]
struct Document<'a> {
    format: u32,
    /// The CRC-32C of the storage key and the text of `record`.
    checksum: u32,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// An event. `counter` is what the formatter returned.
#[derive(Serialize, Deserialize)]
struct PlainEvent<'a> {
    #[serde(default)]
    local: LocalPart,
    #[serde(borrow)]
    counter: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
struct PlainNames<Name> {
    pages: u32,
    names: Vec<Name>,
}

#[derive(Serialize, Deserialize)]
struct PlainStore {
    lane: Option<String>,
    last_stamp: u64,
    counted: u64,
    epoch: u64,
    latest: Option<i64>,
    step: Option<(i64, i64, i64)>,
    step_births: Option<[u64; 3]>,
    unwatched: Vec<(u64, u64, i64)>,
    sweep_due: bool,
    persist_dates: [Option<i64>; 3],
    losses: Vec<(Option<String>, i64, u64)>,
    identity: Option<(String, bool)>,
    opening: u32,
    pages: [u32; 4],
    #[serde(default)]
    imports: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
struct PlainFacts {
    lane: String,
    issued: CoverageRecord,
    counted: CoverageRecord,
    legacy: Option<(u64, Option<u64>)>,
    erased: CoverageRecord,
}

#[derive(Serialize, Deserialize)]
struct PlainClaim {
    lane: String,
    claim: CoverageRecord,
    is_forked: bool,
    beside: CoverageRecord,
}

/// Converts the binary form of a record to a document.
pub(crate) fn record_to_json(key: &str, kind: RecordKind, payload: &[u8]) -> Result<Vec<u8>> {
    let damaged = |Malformed(what)| Error::corrupt(what);
    match kind {
        RecordKind::Store => sealed(key, &PlainStore::from(codec::store_record(payload).map_err(damaged)?)),
        RecordKind::Erased => {
            let entries = codec::erased_page(payload).map_err(damaged)?;
            sealed(key, &entries.iter().map(|(id, birth)| (hex(LaneId(*id)), *birth)).collect::<Vec<_>>())
        }
        RecordKind::Lanes => {
            let entries = codec::lane_page(payload).map_err(damaged)?.into_iter();
            let plain = entries.map(|LaneRecord { lane, issued, counted, legacy, erased }| PlainFacts {
                lane: hex(LaneId(lane)),
                issued,
                counted,
                legacy,
                erased,
            });
            sealed(key, &plain.collect::<Vec<_>>())
        }
        RecordKind::Claims => {
            let entries = codec::claim_page(payload).map_err(damaged)?.into_iter();
            let plain = entries.map(|ClaimRecord { lane, claim, is_forked, beside }| PlainClaim {
                lane: hex(LaneId(lane)),
                claim,
                is_forked,
                beside,
            });
            sealed(key, &plain.collect::<Vec<_>>())
        }
        RecordKind::Names => sealed(key, &codec::name_page(payload).map_err(damaged)?),
        RecordKind::StoredKeys => {
            let (pages, names) = codec::stored_keys(payload).map_err(damaged)?;
            sealed(key, &PlainNames { pages, names })
        }
    }
}

/// Converts a document to the binary form of a record.
pub(crate) fn record_from_json(key: &str, kind: RecordKind, bytes: &[u8]) -> Result<Vec<u8>> {
    let text = opened(key, bytes, RECORD)?;
    let mut payload = Vec::new();
    match kind {
        RecordKind::Store => {
            let plain: PlainStore = serde_json::from_str(text).map_err(failed)?;
            codec::put_store_record(&plain.record()?, &mut payload);
        }
        RecordKind::Erased => {
            let plain: Vec<(String, StampRecord)> = serde_json::from_str(text).map_err(failed)?;
            let entries = plain.iter().map(|(text, birth)| Ok((id_of(text)?, *birth)));
            codec::put_erased_page(&entries.collect::<Result<Vec<_>>>()?, &mut payload);
        }
        RecordKind::Lanes => {
            let plain: Vec<PlainFacts> = serde_json::from_str(text).map_err(failed)?;
            let entries = plain.into_iter().map(|PlainFacts { lane, issued, counted, legacy, erased }| {
                Ok(LaneRecord { lane: id_of(&lane)?, issued, counted, legacy, erased })
            });
            codec::put_lane_page(&entries.collect::<Result<Vec<_>>>()?, &mut payload);
        }
        RecordKind::Claims => {
            let plain: Vec<PlainClaim> = serde_json::from_str(text).map_err(failed)?;
            let entries = plain.into_iter().map(|PlainClaim { lane, claim, is_forked, beside }| {
                Ok(ClaimRecord { lane: id_of(&lane)?, claim, is_forked, beside })
            });
            codec::put_claim_page(&entries.collect::<Result<Vec<_>>>()?, &mut payload);
        }
        RecordKind::Names => {
            let names: Vec<String> = serde_json::from_str(text).map_err(failed)?;
            codec::put_name_page(names.iter().map(String::as_str), &mut payload);
        }
        RecordKind::StoredKeys => {
            let PlainNames::<String> { pages, names } = serde_json::from_str(text).map_err(failed)?;
            codec::put_stored_keys(pages, names.iter().map(String::as_str), &mut payload);
        }
    }
    Ok(payload)
}

/// Puts an event and what the formatter returned for its counter into a document.
/// Returns `None` unless the formatter returned one JSON value without white space around it,
/// because the formatter must get the same bytes back.
pub(crate) fn event_to_json(key: &str, local: LocalPart, formatted: &[u8]) -> Option<Vec<u8>> {
    let counter: &RawValue = serde_json::from_slice(formatted).ok()?;
    if counter.get().as_bytes() != formatted {
        return None;
    }
    sealed(key, &PlainEvent { local, counter }).ok()
}

/// The local part of an event and the bytes of the formatter; `None` if the bytes are not such a
/// document.
pub(crate) fn event_from_json<'a>(key: &str, bytes: &'a [u8]) -> Result<Option<(LocalPart, &'a [u8])>> {
    let Ok(Document { format, record, .. }) = serde_json::from_slice(bytes) else { return Ok(None) };
    if format <= FORMAT && serde_json::from_str::<PlainEvent<'_>>(record.get()).is_err() {
        return Ok(None);
    }
    let PlainEvent { local, counter } = serde_json::from_str(opened(key, bytes, EVENT)?).map_err(failed)?;
    Ok(Some((local, counter.get().as_bytes())))
}

/// A document with a record and its checksum.
fn sealed(key: &str, record: &impl Serialize) -> Result<Vec<u8>> {
    let text = serde_json::value::to_raw_value(record).map_err(failed)?;
    let checksum = checksum(key, text.get());
    serde_json::to_vec(&Document { format: FORMAT, checksum, record: &text }).map_err(failed)
}

/// The text of the record in a document, whose checksum is verified. Errors call it `what`.
fn opened<'a>(key: &str, bytes: &'a [u8], what: &'static str) -> Result<&'a str> {
    let Document { format, checksum, record } = serde_json::from_slice(bytes).map_err(failed)?;
    if format > FORMAT {
        return Err(Error::Incompatible { what, found: format, supported: FORMAT, event: None });
    }
    if self::checksum(key, record.get()) != checksum || format == 0 {
        return Err(Error::corrupt(format!("{what} does not match its checksum; restore a backup")));
    }
    Ok(record.get())
}

fn checksum(key: &str, text: &str) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(key.as_bytes()), text.as_bytes())
}

fn failed(error: serde_json::Error) -> Error {
    Error::Serialization(format!("the text is not a record of this library in JSON: {error}"))
}

fn id_of(text: &str) -> Result<[u8; 16]> {
    lane(text).map(|LaneId(id)| id).map_err(Error::corrupt)
}

impl From<StoreRecord> for PlainStore {
    fn from(record: StoreRecord) -> PlainStore {
        PlainStore {
            lane: record.lane.map(|lane| hex(LaneId(lane))),
            last_stamp: record.last_stamp,
            counted: record.counted,
            epoch: record.epoch,
            latest: record.latest,
            step: record.step,
            step_births: record.step_births,
            unwatched: record.unwatched,
            sweep_due: record.sweep_due,
            persist_dates: record.persist_dates,
            losses: record.losses,
            identity: record.identity.map(|(token, is_in_file)| (hex(LaneId(token)), is_in_file)),
            opening: record.opening,
            pages: record.pages,
            imports: record.imports,
        }
    }
}

impl PlainStore {
    fn record(self) -> Result<StoreRecord> {
        let identity = self.identity.map(|(token, is_in_file)| Ok((id_of(&token)?, is_in_file)));
        Ok(StoreRecord {
            lane: self.lane.as_deref().map(id_of).transpose()?,
            last_stamp: self.last_stamp,
            counted: self.counted,
            epoch: self.epoch,
            latest: self.latest,
            step: self.step,
            step_births: self.step_births,
            unwatched: self.unwatched,
            sweep_due: self.sweep_due,
            persist_dates: self.persist_dates,
            losses: self.losses,
            identity: identity.transpose()?,
            opening: self.opening,
            pages: self.pages,
            imports: self.imports,
        })
    }
}
