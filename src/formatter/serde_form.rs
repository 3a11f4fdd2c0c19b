//! The serde form of a counter: named numbers in a human-readable format such as JSON, one compact
//! byte string in a binary format.
//!
//! The structs here define a stored format, so their fields must not change with the other types.

use serde::de::{Error as DeError, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::{self, CELLS_OUT_OF_ORDER, STAMP_OUT_OF_RANGE, StampRecord};
use crate::counter::body::{Body, Head, SeenTimes};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{CellKey, LaneCell, LaneId, ReplacedCell, Was};
use crate::counter::series;
use crate::counter::stored_series::StoredSeries;
use crate::time::offsets::Offsets;
use crate::time::unit::{TimeUnit, Unit};

/// A counter in a human-readable format.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlainCounter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<String>,
    lanes: Vec<PlainLane>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PlainLane {
    lane: String,
    birth: StampRecord,
    stamp: StampRecord,
    /// The cells that it replaces: lane, birth, and what the store knew of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<(String, StampRecord, Was)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<PlainSeen>,
    /// The lowest and the highest offset of the local clock, in seconds ahead of UTC.
    #[serde(default, skip_serializing_if = "is_utc")]
    offsets: (i32, i32),
    /// By how many milliseconds the clock was behind.
    #[serde(default, skip_serializing_if = "is_zero")]
    shift: i64,
    lifetime: u64,
    /// Whether two stores counted in the cell.
    #[serde(default, skip_serializing_if = "is_not")]
    forked: bool,
    units: Vec<PlainSeries>,
}

/// The seen times, in milliseconds since the Unix epoch.
#[derive(Debug, Serialize, Deserialize)]
struct PlainSeen {
    first: i64,
    last: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ahead: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PlainSeries {
    unit: TimeUnit,
    buckets: u32,
    /// The first bucket from which all counts are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beginning: Option<i64>,
    /// (bucket number, count), newest first.
    counts: Vec<(i64, u64)>,
}

impl From<&SingleEventCounter> for PlainCounter {
    fn from(counter: &SingleEventCounter) -> PlainCounter {
        PlainCounter { own: counter.own.map(hex), lanes: counter.cells.iter().map(PlainLane::from).collect() }
    }
}

impl From<&LaneCell> for PlainLane {
    fn from(cell: &LaneCell) -> PlainLane {
        let head = cell.body.head();
        let units = head.series().map(|stored| PlainSeries {
            unit: stored.unit.to_public(),
            buckets: stored.buckets,
            beginning: stored.beginning,
            counts: stored.pairs().collect(),
        });
        let replaces = cell
            .replaced
            .cells()
            .iter()
            .map(|one| (hex(one.key.lane), codec::stamp_record(one.key.birth), one.was));
        PlainLane {
            lane: hex(cell.lane),
            birth: codec::stamp_record(cell.birth),
            stamp: codec::stamp_record(cell.stamp),
            replaces: replaces.collect(),
            seen: head.seen.map(|SeenTimes { first, last, ahead }| PlainSeen { first, last, ahead }),
            offsets: (head.offsets.lowest, head.offsets.highest),
            shift: head.shift,
            lifetime: head.lifetime,
            forked: head.is_forked,
            units: units.collect(),
        }
    }
}

impl PlainCounter {
    /// The counter, or the text of the error if the data is invalid.
    pub(crate) fn counter(&self) -> Result<SingleEventCounter, &'static str> {
        let own = self.own.as_deref().map(lane).transpose()?;
        let cells: Result<Vec<LaneCell>, _> = self.lanes.iter().map(PlainLane::cell).collect();
        let cells = cells?;
        if !cells.is_sorted_by(|a, b| a.key() < b.key()) {
            return Err(CELLS_OUT_OF_ORDER);
        }
        Ok(SingleEventCounter { own, cells })
    }
}

impl PlainLane {
    fn cell(&self) -> Result<LaneCell, &'static str> {
        let (birth, stamp) = (codec::stamp_of(self.birth), codec::stamp_of(self.stamp));
        if !codec::are_stamps(birth, stamp) {
            return Err(STAMP_OUT_OF_RANGE);
        }
        let replaces = self.replaces.iter().map(|(text, birth, was)| {
            let key = CellKey { lane: lane(text)?, birth: codec::stamp_of(*birth) };
            Ok(ReplacedCell { key, was: *was })
        });
        let replaces: Result<Vec<_>, &'static str> = replaces.collect();
        let replaced = codec::checked_replaced(replaces?).map_err(|codec::Malformed(what)| what)?;
        let seen = self.seen.as_ref().map(|seen| SeenTimes {
            first: seen.first,
            last: seen.last,
            ahead: seen.ahead,
        });
        let mut bytes = Vec::new();
        if seen
            .is_some_and(|seen| seen.first > seen.last || seen.ahead.is_some_and(|ahead| ahead <= seen.last))
        {
            return Err("the counts of an event are damaged (its seen times are not in order)");
        }
        let (lowest, highest) = self.offsets;
        if lowest > highest || (seen.is_none() && !is_utc(&self.offsets)) {
            return Err("the counts of an event are damaged (its offsets are not in order)");
        }
        if seen.is_none() && self.shift != 0 {
            return Err("the counts of an event are damaged (a shift without times)");
        }
        let head = Head::new(seen, Offsets { lowest, highest }, self.shift, self.lifetime);
        head.forked(self.forked).put(&mut bytes);
        for series in &self.units {
            let unit = Unit::of(series.unit)
                .ok_or("the counts of an event are damaged (a unit cannot be tracked)")?;
            if !series.counts.is_sorted_by(|(newer, _), (older, _)| newer > older) {
                return Err("the counts of an event are damaged (its buckets are not in order)");
            }
            let (newest, count, older) = series::pack(series.counts.iter().copied());
            let PlainSeries { buckets, beginning, .. } = *series;
            StoredSeries { unit, buckets, beginning, newest, count, older: &older }.put(&mut bytes);
        }
        let body = Body::checked(bytes.into())
            .ok_or("the counts of an event are damaged (a number is out of range)")?;
        Ok(LaneCell { lane: lane(&self.lane)?, birth, stamp, replaced, body })
    }
}

fn is_not(flag: &bool) -> bool {
    !*flag
}

fn is_zero(shift: &i64) -> bool {
    *shift == 0
}

fn is_utc(offsets: &(i32, i32)) -> bool {
    *offsets == (0, 0)
}

pub(super) fn hex(lane: LaneId) -> String {
    format!("{lane:?}")
}

pub(super) fn lane(hex: &str) -> Result<LaneId, &'static str> {
    let is_valid = hex.len() == 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = u128::from_str_radix(hex, 16).ok().filter(|_| is_valid);
    number
        .map(|number| LaneId(number.to_be_bytes()))
        .ok_or("the counts of an event are damaged (a lane does not have 32 lower-case hexadecimal digits)")
}

impl Serialize for SingleEventCounter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return PlainCounter::from(self).serialize(serializer);
        }
        let mut bytes = Vec::new();
        codec::put_counter(self, &mut bytes);
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for SingleEventCounter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return PlainCounter::deserialize(deserializer)?.counter().map_err(D::Error::custom);
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

/// Reads the byte string of a binary format.
struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = SingleEventCounter;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes of a counter")
    }

    fn visit_bytes<E: DeError>(self, bytes: &[u8]) -> Result<SingleEventCounter, E> {
        codec::counter(bytes).map_err(|codec::Malformed(what)| E::custom(what))
    }

    fn visit_byte_buf<E: DeError>(self, bytes: Vec<u8>) -> Result<SingleEventCounter, E> {
        self.visit_bytes(&bytes)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<SingleEventCounter, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
