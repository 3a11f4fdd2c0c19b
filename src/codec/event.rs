//! The encoding of a stored event: the counter, which is exchanged with other stores, and the local
//! part, which is not.
//!
//! The local part is a list of sections. Empty sections are left out, so most events have no local
//! part.

use super::{
    BorrowDecodeDerive, Decoded, Encode, EncodeDerive, Malformed, StampRecord, count, put, stamp_of,
    stamp_record, take, take_counter,
};
use crate::bounds::{MAX_ALL_MARKERS, MAX_APP_VERSION_BYTES, MAX_STAMP, MAX_STORED_RESERVATIONS};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::join;
use crate::counter::lane::{AheadCell, CellKey, LaneId};
use crate::time::instant::{EARLIEST, LATEST};

/// The number of the section with the stored reservations.
const RESERVATIONS: u32 = 1;
/// The number of the section with the cells that lie ahead.
const AHEAD: u32 = 2;
/// The number of the section with the counts since occurrences of markers.
const TALLIES: u32 = 3;
/// The number of the section of a marker.
const MARKER: u32 = 4;

/// A counter with its local part.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StoredEvent {
    pub(crate) counter: SingleEventCounter,
    pub(crate) local: LocalPart,
}

/// The two values of an event. Both have the form of a stored event, and a reader joins them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StoredParts {
    /// What the own lane counted, and the stored reservations.
    pub(crate) event: Option<StoredEvent>,
    /// The cells of other lanes, and which of them lie ahead. It names no own lane.
    pub(crate) others: Option<StoredEvent>,
}

impl StoredParts {
    /// Whether there is no value.
    pub(crate) fn is_empty(&self) -> bool {
        self.event.is_none() && self.others.is_none()
    }

    /// The event as one value.
    ///
    /// Each value is replaced as a whole, but not both at once by every storage. So a cell can be
    /// in both, in two versions.
    pub(crate) fn joined(self) -> StoredEvent {
        let mut joined = self.event.unwrap_or_default();
        let Some(StoredEvent { counter, local }) = self.others else { return joined };
        join(&mut joined.counter.cells, counter.cells, |_| ());
        let key = |record: &AheadRecord| (record.lane, record.birth);
        joined.local.ahead.retain(|record| !local.ahead.iter().any(|other| key(other) == key(record)));
        joined.local.ahead.extend(local.ahead);
        joined.local.ahead.sort_unstable_by_key(key);
        joined
    }
}

/// What is stored with an event and not exchanged with other stores.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LocalPart {
    /// Ascending by number.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub(crate) reservations: Vec<ReservationRecord>,
    /// Ascending by lane and birth.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub(crate) ahead: Vec<AheadRecord>,
    /// At most one for each marker.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub(crate) tallies: Vec<TallyRecord>,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) marker: Option<MarkerRecord>,
}

/// How often this store recorded an event since an occurrence of a marker.
#[derive(Debug, Clone, PartialEq, Eq, EncodeDerive, BorrowDecodeDerive)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct TallyRecord {
    /// The stamp of the occurrence.
    pub(crate) occurrence: StampRecord,
    /// Absent if the number is not known.
    pub(crate) count: Option<u64>,
}

/// What a store keeps of a marker.
#[derive(Debug, Clone, Default, PartialEq, Eq, EncodeDerive, BorrowDecodeDerive)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct MarkerRecord {
    /// The stamp of its latest occurrence, its instant by the clock of that time, and its most
    /// probable instant, if this store recorded it as it happened.
    pub(crate) latest: Option<(StampRecord, i64, i64)>,
    /// The text that was recorded with it.
    pub(crate) text: Option<String>,
}

/// A cell of another lane whose last time lies ahead of this store's clock.
#[derive(Debug, Clone, PartialEq, Eq, EncodeDerive, BorrowDecodeDerive)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct AheadRecord {
    pub(crate) lane: [u8; 16],
    pub(crate) birth: StampRecord,
    /// Its last time, in milliseconds since the Unix epoch.
    pub(crate) last: i64,
    /// When this store first had the cell with that last time, by its own clock.
    pub(crate) received: i64,
    /// The number that was issued then.
    pub(crate) number: u64,
}

/// A reservation that is stored with its event.
#[derive(Debug, Clone, PartialEq, Eq, EncodeDerive, BorrowDecodeDerive)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct ReservationRecord {
    pub(crate) key: u64,
    /// A later reservation has a higher number.
    pub(crate) number: u64,
    /// When it was made, in milliseconds since the Unix epoch.
    pub(crate) made: i64,
    /// How long it lasts, in milliseconds.
    pub(crate) duration: i64,
}

impl From<&AheadCell> for AheadRecord {
    fn from(cell: &AheadCell) -> AheadRecord {
        let CellKey { lane: LaneId(lane), birth } = cell.key;
        let (birth, number) = (stamp_record(birth), cell.number);
        AheadRecord { lane, birth, last: cell.last, received: cell.received, number }
    }
}

impl From<AheadRecord> for AheadCell {
    fn from(record: AheadRecord) -> AheadCell {
        let key = CellKey { lane: LaneId(record.lane), birth: stamp_of(record.birth) };
        AheadCell { key, last: record.last, received: record.received, number: record.number }
    }
}

/// Why an event could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventError {
    Malformed(Malformed),
    /// A newer version wrote a section that this one does not know.
    Newer {
        section: u32,
    },
}

impl From<Malformed> for EventError {
    fn from(malformed: Malformed) -> EventError {
        EventError::Malformed(malformed)
    }
}

/// Decodes an event.
#[cfg(any(feature = "storage-fs", test))]
pub(crate) fn event(mut bytes: &[u8]) -> Result<StoredEvent, EventError> {
    let counter = take_counter(&mut bytes)?;
    Ok(StoredEvent { counter, local: take_local(bytes)? })
}

/// Decodes the counter of an event and returns the bytes of its local part.
pub(crate) fn split_event(mut bytes: &[u8]) -> Decoded<(SingleEventCounter, &[u8])> {
    let counter = take_counter(&mut bytes)?;
    Ok((counter, bytes))
}

/// Encodes the stored reservations and the cells that lie ahead, which are part of the local part
/// of an event, and appends them to `out`.
pub(crate) fn put_local(reservations: &[ReservationRecord], ahead: &[AheadCell], out: &mut Vec<u8>) {
    put_section(RESERVATIONS, reservations, out);
    let ahead: Vec<AheadRecord> = ahead.iter().map(AheadRecord::from).collect();
    put_section(AHEAD, &ahead, out);
}

/// Encodes the sections about markers and appends them to `out`. They follow those of `put_local`.
pub(crate) fn put_marked(tallies: &[TallyRecord], marker: Option<&MarkerRecord>, out: &mut Vec<u8>) {
    put_section(TALLIES, tallies, out);
    put_section(MARKER, marker.as_slice(), out);
}

fn put_section(number: u32, records: &[impl Encode], out: &mut Vec<u8>) {
    if !records.is_empty() {
        put(&number, out);
        put(&count(records.len()), out);
        records.iter().for_each(|record| put(record, out));
    }
}

/// Decodes the local part of an event, up to the end of `bytes`.
pub(crate) fn take_local(mut bytes: &[u8]) -> Result<LocalPart, EventError> {
    let mut local = LocalPart::default();
    while !bytes.is_empty() {
        let section: u32 = take(&mut bytes)?;
        let found: u64 = match section {
            RESERVATIONS | AHEAD | TALLIES | MARKER => take(&mut bytes)?,
            0 => return Err(Malformed("the counts of an event are damaged (bytes follow them)").into()),
            section => return Err(EventError::Newer { section }),
        };
        for _ in 0..found {
            match section {
                RESERVATIONS => local.add_reservation(take(&mut bytes)?)?,
                AHEAD => local.add_ahead(take(&mut bytes)?)?,
                TALLIES => local.add_tally(take(&mut bytes)?)?,
                _ => local.add_marker(take(&mut bytes)?)?,
            }
        }
    }
    Ok(local)
}

impl LocalPart {
    fn add_reservation(&mut self, next: ReservationRecord) -> Result<(), Malformed> {
        let follows = self.reservations.last().is_none_or(|last| last.number < next.number);
        if !follows || !next.is_valid() || self.reservations.len() >= MAX_STORED_RESERVATIONS {
            return Err(Malformed("the stored reservations of an event are damaged"));
        }
        self.reservations.push(next);
        Ok(())
    }

    fn add_ahead(&mut self, next: AheadRecord) -> Result<(), Malformed> {
        let key = |record: &AheadRecord| (record.lane, record.birth);
        let instants = EARLIEST..=LATEST;
        let is_valid =
            instants.contains(&next.last) && instants.contains(&next.received) && next.number <= MAX_STAMP;
        if !is_valid || self.ahead.last().is_some_and(|last| key(last) >= key(&next)) {
            return Err(DAMAGED);
        }
        self.ahead.push(next);
        Ok(())
    }

    fn add_tally(&mut self, next: TallyRecord) -> Result<(), Malformed> {
        let is_known = self.tallies.iter().any(|tally| tally.occurrence == next.occurrence);
        if is_known || !is_occurrence(next.occurrence) || self.tallies.len() >= MAX_ALL_MARKERS {
            return Err(DAMAGED);
        }
        self.tallies.push(next);
        Ok(())
    }

    fn add_marker(&mut self, next: MarkerRecord) -> Result<(), Malformed> {
        let has_valid_time = next.latest.is_none_or(|(stamp, at, probable)| {
            is_occurrence(stamp) && at <= LATEST && (EARLIEST..=at).contains(&probable)
        });
        let has_valid_text = next.text.as_ref().is_none_or(|text| text.len() <= MAX_APP_VERSION_BYTES);
        if self.marker.is_some() || !has_valid_time || !has_valid_text {
            return Err(DAMAGED);
        }
        self.marker = Some(next);
        Ok(())
    }
}

const DAMAGED: Malformed = Malformed("the local data of an event is damaged");

/// Whether it can be the stamp of an occurrence.
fn is_occurrence((number, _): StampRecord) -> bool {
    (1..=MAX_STAMP).contains(&number)
}

/// Checks the local part of an event that was decoded from JSON.
#[cfg(feature = "serde-json")]
pub(crate) fn checked_local(local: LocalPart) -> Result<LocalPart, EventError> {
    let mut checked = LocalPart::default();
    local.reservations.into_iter().try_for_each(|next| checked.add_reservation(next))?;
    local.ahead.into_iter().try_for_each(|next| checked.add_ahead(next))?;
    local.tallies.into_iter().try_for_each(|next| checked.add_tally(next))?;
    local.marker.into_iter().try_for_each(|next| checked.add_marker(next))?;
    Ok(checked)
}

impl ReservationRecord {
    fn is_valid(&self) -> bool {
        self.number <= MAX_STAMP
            && (EARLIEST..=LATEST).contains(&self.made)
            && (1..=LATEST).contains(&self.duration)
    }
}
