//! The encoding of a stored event: the counter, which is exchanged with other stores, and the local
//! part, which is not.
//!
//! The local part is a list of sections. Empty sections are left out, so most events have no local
//! part.

use super::{BorrowDecodeDerive, Decoded, EncodeDerive, Malformed, count, put, take, take_counter};
use crate::bounds::{MAX_STAMP, MAX_STORED_RESERVATIONS};
use crate::counter::event_counter::SingleEventCounter;
use crate::time::instant::{EARLIEST, LATEST};

/// The number of the section with the stored reservations.
const RESERVATIONS: u32 = 1;

/// A counter with its local part.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StoredEvent {
    pub(crate) counter: SingleEventCounter,
    /// Ascending by number.
    pub(crate) reservations: Vec<ReservationRecord>,
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
    Ok(StoredEvent { counter, reservations: take_local(bytes)? })
}

/// Decodes the counter of an event and returns the bytes of its local part.
pub(crate) fn split_event(mut bytes: &[u8]) -> Decoded<(SingleEventCounter, &[u8])> {
    let counter = take_counter(&mut bytes)?;
    Ok((counter, bytes))
}

/// Encodes the local part of an event and appends it to `out`.
pub(crate) fn put_local(reservations: &[ReservationRecord], out: &mut Vec<u8>) {
    if !reservations.is_empty() {
        put(&RESERVATIONS, out);
        put(&count(reservations.len()), out);
        reservations.iter().for_each(|reservation| put(reservation, out));
    }
}

/// Decodes the local part of an event, up to the end of `bytes`.
pub(crate) fn take_local(mut bytes: &[u8]) -> Result<Vec<ReservationRecord>, EventError> {
    let mut reservations: Vec<ReservationRecord> = Vec::new();
    while !bytes.is_empty() {
        let section: u32 = take(&mut bytes)?;
        match section {
            RESERVATIONS => {}
            0 => return Err(Malformed("the counts of an event are damaged (bytes follow them)").into()),
            section => return Err(EventError::Newer { section }),
        }
        let found: u64 = take(&mut bytes)?;
        for _ in 0..found {
            let reservation: ReservationRecord = take(&mut bytes)?;
            if !follows(reservations.last(), &reservation) || reservations.len() >= MAX_STORED_RESERVATIONS {
                return Err(DAMAGED_RESERVATIONS.into());
            }
            reservations.push(reservation);
        }
    }
    Ok(reservations)
}

const DAMAGED_RESERVATIONS: Malformed = Malformed("the stored reservations of an event are damaged");

/// Whether a reservation is valid and may follow `last`.
fn follows(last: Option<&ReservationRecord>, next: &ReservationRecord) -> bool {
    last.is_none_or(|last| last.number < next.number) && next.is_valid()
}

/// Checks the local part of an event that was decoded from JSON.
#[cfg(feature = "serde-json")]
pub(crate) fn checked_event(event: StoredEvent) -> Result<StoredEvent, EventError> {
    let mut last = None;
    let is_valid = event.reservations.len() <= MAX_STORED_RESERVATIONS
        && event.reservations.iter().all(|next| follows(last.replace(next), next));
    if is_valid { Ok(event) } else { Err(DAMAGED_RESERVATIONS.into()) }
}

impl ReservationRecord {
    fn is_valid(&self) -> bool {
        self.number <= MAX_STAMP
            && (EARLIEST..=LATEST).contains(&self.made)
            && (1..=LATEST).contains(&self.duration)
    }
}
