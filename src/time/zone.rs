//! How far the local clock is ahead of UTC, and when that changes.

use std::sync::Arc;

#[cfg(feature = "calendar")]
use super::instant::MINUTE;
use super::instant::{DAY, EARLIEST, HOUR, SECOND, clamp};
use crate::bounds::{MAX_OFFSET_SECONDS, MAX_TRANSITIONS};
use crate::error::{Error, Result};

/// The local time zone, as data: it decides on which date an event is counted.
#[derive(Debug, Clone)]
pub struct Zone(ZoneKind);

#[derive(Debug, Clone)]
enum ZoneKind {
    Fixed(i64),
    Table(Arc<Table>),
    #[cfg(feature = "calendar")]
    System,
}

#[derive(Debug)]
struct Table {
    initial: i64,
    /// From which instant which offset holds, ascending.
    transitions: Vec<(i64, i64)>,
}

/// A stretch of time `[from, until)` with one offset, all in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) offset: i64,
}

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone(ZoneKind::Fixed(0))
    }

    /// A clock that is always `seconds_east` ahead of UTC, from -64,800 to 64,800.
    ///
    /// # Errors
    /// `InvalidArgument` for more than 18 hours.
    pub fn fixed(seconds_east: i32) -> Result<Zone> {
        Ok(Zone(ZoneKind::Fixed(offset(seconds_east)?)))
    }

    /// A table of transitions: before the first the clock is `initial_offset` seconds ahead of UTC, from each instant
    /// (milliseconds since the Unix epoch) on by the offset beside it. After the last one its offset holds for ever, so
    /// hand over a new table from time to time.
    ///
    /// # Errors
    /// `InvalidArgument` if the instants do not ascend, an offset is beyond 18 hours, or there are more than 10,000.
    pub fn table(initial_offset: i32, transitions: Vec<(i64, i32)>) -> Result<Zone> {
        if transitions.len() > MAX_TRANSITIONS {
            return Err(Error::InvalidArgument(
                "a zone table may have 10,000 transitions; leave old ones out".into(),
            ));
        }
        if !transitions.is_sorted_by(|(before, _), (after, _)| before < after) {
            return Err(Error::InvalidArgument("the transitions of a zone table must ascend in time".into()));
        }
        let transitions: Result<Vec<_>> =
            transitions.into_iter().map(|(from, seconds)| Ok((from, offset(seconds)?))).collect();
        Ok(Zone(ZoneKind::Table(Arc::new(Table {
            initial: offset(initial_offset)?,
            transitions: transitions?,
        }))))
    }

    /// The system's zone, read anew as time goes on. On phones hand over a table instead: there the system's zone as
    /// a library sees it has been wrong or slow.
    #[cfg(feature = "calendar")]
    pub fn system() -> Zone {
        Zone(ZoneKind::System)
    }

    /// The instant of the table's last transition; absent for a zone without a table.
    pub(crate) fn table_end(&self) -> Option<i64> {
        match &self.0 {
            ZoneKind::Table(table) => Some(table.transitions.last().map_or(EARLIEST, |(from, _)| *from)),
            _ => None,
        }
    }

    /// The stretch around `millis` in which the offset is known not to change.
    pub(crate) fn segment(&self, millis: i64) -> Segment {
        match &self.0 {
            ZoneKind::Fixed(offset) => Segment { from: i64::MIN, until: i64::MAX, offset: *offset },
            ZoneKind::Table(table) => table.segment(millis),
            #[cfg(feature = "calendar")]
            ZoneKind::System => {
                // Offsets change on whole minutes, so a minute is safe to keep.
                let from = millis.div_euclid(MINUTE) * MINUTE;
                Segment { from, until: from + MINUTE, offset: system_offset(millis) }
            }
        }
    }

    /// The first instant at or after `not_before` whose local date is `day` or later. Where midnight falls into a gap that is the
    /// first instant after it; where it comes twice, the first of the two.
    pub(crate) fn day_begins(&self, day: i64, not_before: i64) -> i64 {
        let midnight = day.saturating_mul(DAY);
        // Every offset is within 18 hours, so the answer is within that of the same midnight in UTC.
        let reach = 18 * HOUR;
        let mut at = clamp(midnight.saturating_sub(reach)).max(not_before);
        let last = clamp(midnight.saturating_add(reach));
        while at < last {
            let segment = self.stretch(at);
            let begins = midnight.saturating_sub(segment.offset).max(at);
            if begins < segment.until {
                return begins;
            }
            at = segment.until;
        }
        last.max(not_before)
    }

    /// As `segment`, as far as a few steps of the system's zone reach.
    pub(crate) fn stretch(&self, at: i64) -> Segment {
        match &self.0 {
            #[cfg(feature = "calendar")]
            ZoneKind::System => {
                let offset = system_offset(at);
                let mut until = at;
                // Look ahead by six hours, then halve down to the second of the change.
                for _ in 0..7 {
                    let next = until + 6 * HOUR;
                    if system_offset(next) != offset {
                        let (mut same, mut other) = (until, next);
                        while other - same > SECOND {
                            let middle = (same + (other - same) / 2).div_euclid(SECOND) * SECOND;
                            let middle = middle.max(same + 1);
                            if system_offset(middle) == offset { same = middle } else { other = middle }
                        }
                        return Segment { from: at, until: other.div_euclid(SECOND) * SECOND, offset };
                    }
                    until = next;
                }
                Segment { from: at, until, offset }
            }
            _ => self.segment(at),
        }
    }
}

impl Table {
    fn segment(&self, millis: i64) -> Segment {
        let after = self.transitions.partition_point(|(from, _)| *from <= millis);
        let (from, offset) = after
            .checked_sub(1)
            .and_then(|index| self.transitions.get(index).copied())
            .unwrap_or((i64::MIN, self.initial));
        let until = self.transitions.get(after).map_or(i64::MAX, |(until, _)| *until);
        Segment { from, until, offset }
    }
}

fn offset(seconds: i32) -> Result<i64> {
    if (-MAX_OFFSET_SECONDS..=MAX_OFFSET_SECONDS).contains(&seconds) {
        return Ok(i64::from(seconds) * SECOND);
    }
    Err(Error::InvalidArgument(format!(
        "an offset of {seconds} seconds from UTC is beyond 18 hours; give seconds, not milliseconds"
    )))
}

#[cfg(feature = "calendar")]
fn system_offset(millis: i64) -> i64 {
    use chrono::{Local, Offset, TimeZone};
    let time = super::instant::to_time(millis).naive_utc();
    i64::from(Local.offset_from_utc_datetime(&time).fix().local_minus_utc()) * SECOND
}

impl Default for Zone {
    /// The system's zone with the feature `calendar`, otherwise UTC.
    fn default() -> Self {
        #[cfg(feature = "calendar")]
        return Zone::system();
        #[cfg(not(feature = "calendar"))]
        Zone::utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::bucket::local_day;

    fn new_york_spring() -> Zone {
        // 2024-03-10T07:00Z: -5 h becomes -4 h; 2024-11-03T06:00Z: back.
        Zone::table(-18_000, vec![(1_710_054_000_000, -14_400), (1_730_613_600_000, -18_000)]).unwrap()
    }

    #[test]
    fn a_table_gives_the_offset_and_its_bounds() {
        let zone = new_york_spring();
        assert_eq!(zone.segment(1_710_054_000_000 - 1).offset, -5 * HOUR);
        let summer = zone.segment(1_710_054_000_000);
        assert_eq!(summer, Segment { from: 1_710_054_000_000, until: 1_730_613_600_000, offset: -4 * HOUR });
        assert_eq!(zone.segment(i64::MAX).offset, -5 * HOUR);
        assert_eq!(zone.segment(i64::MIN).offset, -5 * HOUR);
    }

    #[test]
    fn a_table_that_does_not_ascend_or_is_absurd_is_refused() {
        assert!(Zone::table(0, vec![(5, 0), (5, 3600)]).is_err());
        assert!(Zone::table(0, vec![(5, 3_600_000)]).is_err());
        assert!(Zone::fixed(-64_801).is_err());
        assert!(Zone::fixed(i32::MIN).is_err());
        assert!(Zone::table(0, vec![]).is_ok());
    }

    #[test]
    fn a_day_begins_at_the_first_instant_that_has_its_date() {
        let day = 19_800 * DAY;
        let gap = Zone::table(0, vec![(day, 3600)]).unwrap();
        let overlap = Zone::table(3600, vec![(day, 0)]).unwrap();
        let skipped = Zone::table(-10 * 3600, vec![(day + 10 * HOUR, 14 * 3600)]).unwrap();
        for zone in [Zone::utc(), Zone::fixed(-12_600).unwrap(), gap, overlap, skipped, new_york_spring()] {
            for day in 19_795..19_805 {
                let begins = zone.day_begins(day, EARLIEST);
                assert!(local_day(begins, zone.segment(begins).offset) >= day);
                let before = begins - 1;
                assert!(local_day(before, zone.segment(before).offset) < day, "{zone:?} {day}");
            }
        }
    }

    #[cfg(feature = "calendar")]
    #[test]
    fn the_systems_zone_finds_the_beginnings_of_days_too() {
        let zone = Zone::system();
        for day in (19_700..20_100).step_by(3) {
            let begins = zone.day_begins(day, EARLIEST);
            assert!(local_day(begins, zone.segment(begins).offset) >= day);
            assert!(local_day(begins - 1, zone.segment(begins - 1).offset) < day);
        }
    }
}
