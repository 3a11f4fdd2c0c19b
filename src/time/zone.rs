//! Time zones: the offset of the local clock from UTC, and the instants at which it changes.

use std::sync::Arc;

use super::instant::{DAY, EARLIEST, SECOND, clamp};
#[cfg(feature = "calendar")]
use super::instant::{HOUR, MINUTE};
use crate::bounds::{MAX_OFFSET_SECONDS, MAX_TRANSITIONS};
use crate::error::{Error, Result};

/// The local time zone of a store. It determines the date on which an event is counted.
///
/// By default a store uses [`Zone::default`].
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
    /// The offset before the first transition, in milliseconds.
    initial: i64,
    /// Instants and the offsets from then on, in milliseconds, ascending by instant.
    transitions: Vec<(i64, i64)>,
}

/// A period `[from, until)` with one offset, all in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) offset: i64,
}

impl Segment {
    /// The offset in seconds.
    pub(crate) fn seconds(&self) -> i32 {
        i32::try_from(self.offset / SECOND).unwrap_or(0)
    }
}

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone(ZoneKind::Fixed(0))
    }

    /// A zone with a fixed offset: its clock is `seconds_east` seconds ahead of UTC, or behind if
    /// negative.
    ///
    /// # Errors
    /// `InvalidArgument` if the offset is outside -64,800 to 64,800 seconds (18 hours).
    pub fn fixed(seconds_east: i32) -> Result<Zone> {
        Ok(Zone(ZoneKind::Fixed(offset(seconds_east)?)))
    }

    /// A zone with a table of transitions.
    ///
    /// Each transition is an instant in milliseconds since the Unix epoch, and the offset from that
    /// instant on in seconds ahead of UTC. `initial_offset` is the offset before the first
    /// transition, in seconds. The offset of the last transition applies to all later instants.
    ///
    /// A table reaches from its first to its last transition. `Health::zone_ended` reports that the
    /// clock has left it; pass a new table then. Begin and end a table with an entry, even if the
    /// offset does not change there.
    ///
    /// # Errors
    /// `InvalidArgument` if the instants do not ascend strictly, if an offset is outside -64,800 to
    /// 64,800 seconds (18 hours), or if there are more than 10,000 transitions.
    pub fn table(initial_offset: i32, transitions: Vec<(i64, i32)>) -> Result<Zone> {
        if transitions.len() > MAX_TRANSITIONS {
            return Err(Error::InvalidArgument(
                "a zone table may have at most 10,000 transitions; leave out old ones".into(),
            ));
        }
        if !transitions.is_sorted_by(|(before, _), (after, _)| before < after) {
            return Err(Error::InvalidArgument(
                "the transitions of a zone table must be in ascending order without duplicates; sort them"
                    .into(),
            ));
        }
        let transitions: Result<Vec<_>> =
            transitions.into_iter().map(|(from, seconds)| Ok((from, offset(seconds)?))).collect();
        Ok(Zone(ZoneKind::Table(Arc::new(Table {
            initial: offset(initial_offset)?,
            transitions: transitions?,
        }))))
    }

    /// The time zone of the operating system. The store follows changes of the system's zone within
    /// a minute.
    ///
    /// On Android and iOS pass a [`table`](Zone::table) instead: there a library cannot read the
    /// system's zone reliably and quickly.
    #[cfg(feature = "calendar")]
    pub fn system() -> Zone {
        Zone(ZoneKind::System)
    }

    /// The end of a table that `now` lies beyond: its last transition, or its first one. `None` if
    /// `now` lies inside the table, and for a zone without a table.
    pub(crate) fn passed_end(&self, now: i64) -> Option<i64> {
        let ZoneKind::Table(table) = &self.0 else { return None };
        let end = |transition: Option<&(i64, i64)>| transition.map_or(EARLIEST, |(at, _)| *at);
        let (first, last) = (end(table.transitions.first()), end(table.transitions.last()));
        if now >= last { Some(last) } else { Some(first).filter(|first| now < *first) }
    }

    /// Checks that the local time is known at each of some instants.
    ///
    /// # Errors
    /// `InvalidArgument` for an instant outside of a table.
    pub(crate) fn check_reach(&self, mut instants: impl Iterator<Item = i64>) -> Result<()> {
        match instants.any(|at| self.passed_end(at).is_some()) {
            false => Ok(()),
            true => Err(Error::InvalidArgument(
                "the rules of the time zone are not known at one of the instants; leave out those \
                 that are years away from the clock of the store"
                    .into(),
            )),
        }
    }

    /// The instants after `now` at which a table changes the offset.
    pub(crate) fn changes_after(&self, now: i64) -> impl Iterator<Item = i64> {
        let transitions = match &self.0 {
            ZoneKind::Table(table) => table.transitions.as_slice(),
            _ => &[],
        };
        transitions.iter().map(|(from, _)| *from).filter(move |from| *from > now)
    }

    /// A period around `millis` in which the offset does not change. It can be shorter than the
    /// real one.
    pub(crate) fn segment(&self, millis: i64) -> Segment {
        match &self.0 {
            ZoneKind::Fixed(offset) => Segment { from: i64::MIN, until: i64::MAX, offset: *offset },
            ZoneKind::Table(table) => table.segment(millis),
            #[cfg(feature = "calendar")]
            ZoneKind::System => {
                // Offsets change on whole minutes, so this minute has one offset.
                let from = millis.div_euclid(MINUTE) * MINUTE;
                Segment { from, until: from + MINUTE, offset: system_offset(millis) }
            }
        }
    }

    /// The first instant at or after `not_before` whose local date is `day` or later. If the local
    /// midnight is skipped, that is the first instant after the gap. If it occurs twice, it is the
    /// first of the two.
    pub(crate) fn day_begins(&self, day: i64, not_before: i64) -> i64 {
        let midnight = day.saturating_mul(DAY);
        // Local midnight is at most the largest offset away from midnight in UTC.
        let reach = i64::from(MAX_OFFSET_SECONDS) * SECOND;
        let mut at = clamp(midnight.saturating_sub(reach)).max(not_before);
        let last = clamp(midnight.saturating_add(reach));
        while at < last {
            let segment = self.segment_ahead(at);
            let begins = midnight.saturating_sub(segment.offset).max(at);
            if begins < segment.until {
                return begins;
            }
            at = segment.until;
        }
        last.max(not_before)
    }

    /// Like `segment`, but for the system's zone it looks up to 42 hours ahead for the next change.
    pub(crate) fn segment_ahead(&self, at: i64) -> Segment {
        match &self.0 {
            #[cfg(feature = "calendar")]
            ZoneKind::System => {
                let offset = system_offset(at);
                let mut until = at;
                // Look ahead in steps of six hours, then find the second of the change by
                // bisection.
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

/// The offset in milliseconds.
fn offset(seconds: i32) -> Result<i64> {
    if (-MAX_OFFSET_SECONDS..=MAX_OFFSET_SECONDS).contains(&seconds) {
        return Ok(i64::from(seconds) * SECOND);
    }
    Err(Error::InvalidArgument(format!(
        "an offset of {seconds} seconds is more than 18 hours from UTC; check that it is in seconds"
    )))
}

#[cfg(feature = "calendar")]
fn system_offset(millis: i64) -> i64 {
    use chrono::{Local, Offset, TimeZone};
    let time = super::instant::to_time(millis).naive_utc();
    i64::from(Local.offset_from_utc_datetime(&time).fix().local_minus_utc()) * SECOND
}

impl Default for Zone {
    /// Returns the system's zone if the feature `calendar` is enabled, otherwise UTC.
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
    use crate::time::instant::HOUR;

    fn new_york_spring() -> Zone {
        // 2024-03-10T07:00Z: -5 h becomes -4 h; 2024-11-03T06:00Z: back.
        Zone::table(-18_000, vec![(1_710_054_000_000, -14_400), (1_730_613_600_000, -18_000)]).unwrap()
    }

    #[test]
    fn a_table_gives_the_offset_and_the_period_in_which_it_applies() {
        let zone = new_york_spring();
        assert_eq!(zone.segment(1_710_054_000_000 - 1).offset, -5 * HOUR);
        let summer = zone.segment(1_710_054_000_000);
        assert_eq!(summer, Segment { from: 1_710_054_000_000, until: 1_730_613_600_000, offset: -4 * HOUR });
        assert_eq!(zone.segment(i64::MAX).offset, -5 * HOUR);
        assert_eq!(zone.segment(i64::MIN).offset, -5 * HOUR);
    }

    #[test]
    fn a_table_out_of_order_or_an_offset_beyond_18_hours_is_an_error() {
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
    fn a_day_begins_at_its_first_instant_in_the_system_zone_too() {
        let zone = Zone::system();
        for day in (19_700..20_100).step_by(3) {
            let begins = zone.day_begins(day, EARLIEST);
            assert!(local_day(begins, zone.segment(begins).offset) >= day);
            assert!(local_day(begins - 1, zone.segment(begins - 1).offset) < day);
        }
    }
}
