//! A phone's local time: an offset, and the instants at which it changed.

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use tiny_counter::Zone;

use super::unit::{DAY, SECOND, Unit};

/// Zones of every kind: far east and west, odd offsets, DST of one hour and of half an hour, DST at
/// midnight.
pub fn zones() -> &'static [LocalZone; 9] {
    static ZONES: OnceLock<[LocalZone; 9]> = OnceLock::new();
    ZONES.get_or_init(|| {
        let real = |tz| LocalZone::of(tz, 2023..2029);
        [
            LocalZone::fixed(0),
            LocalZone::fixed(14 * 3_600),
            LocalZone::fixed(-11 * 3_600),
            LocalZone::fixed(20_700),
            real(Tz::Europe__Berlin),
            real(Tz::America__New_York),
            real(Tz::Australia__Lord_Howe),
            real(Tz::America__Santiago),
            real(Tz::Africa__Cairo),
        ]
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalZone {
    pub initial: i32,
    /// From an instant (milliseconds since the Unix epoch) on: an offset (seconds east).
    pub transitions: Vec<(i64, i32)>,
}

impl LocalZone {
    pub fn fixed(offset: i32) -> LocalZone {
        LocalZone { initial: offset, transitions: Vec::new() }
    }

    /// A real zone as a platform passes it: the transitions of some years.
    pub fn of(tz: Tz, years: std::ops::Range<i32>) -> LocalZone {
        let begin = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let (mut at, end) =
            (begin(years.start).and_utc().timestamp(), begin(years.end).and_utc().timestamp());
        let offset = |at: i64| {
            let time = DateTime::from_timestamp(at, 0).unwrap().naive_utc();
            tz.offset_from_utc_datetime(&time).fix().local_minus_utc()
        };
        let mut zone = LocalZone::fixed(offset(at));
        while at < end {
            let (mut same, mut other) = (at, at + 6 * 3_600);
            if offset(same) != offset(other) {
                while other - same > 1 {
                    let middle = same + (other - same) / 2;
                    if offset(middle) == offset(at) { same = middle } else { other = middle }
                }
                zone.transitions.push((other * SECOND, offset(other)));
            }
            at += 6 * 3_600;
        }
        zone
    }

    pub fn offset_at(&self, at: i64) -> i32 {
        let mut offset = self.initial;
        for &(from, next) in &self.transitions {
            if from <= at {
                offset = next;
            }
        }
        offset
    }

    /// The intervals `[from, until)` of constant offset, in order.
    pub fn stretches(&self) -> Vec<(i64, i64, i32)> {
        let mut stretches = vec![(i64::MIN, i64::MAX, self.initial)];
        for &(from, offset) in &self.transitions {
            stretches.last_mut().unwrap().1 = from;
            stretches.push((from, i64::MAX, offset));
        }
        stretches
    }

    /// The instants after `now` at which the current number of `unit` can become one of `numbers`,
    /// or fall below one.
    pub fn changes(&self, unit: Unit, now: i64, numbers: impl Iterator<Item = i64>) -> Vec<i64> {
        let mut changes = Vec::new();
        for number in numbers {
            if !unit.is_civil() {
                changes.push(number * unit.span());
                continue;
            }
            let midnight = unit.first_date(number) * DAY;
            for (from, until, offset) in self.stretches() {
                let begins = midnight - i64::from(offset) * SECOND;
                changes.push(from);
                changes.extend(Some(begins).filter(|at| (from..until).contains(at)));
            }
        }
        changes.retain(|at| *at > now);
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    /// The interval of the unit `number` here; `None` if there are several, as after a trip west
    /// around midnight.
    pub fn bounds(&self, unit: Unit, number: i64) -> Option<(i64, i64)> {
        if !unit.is_civil() {
            return Some((number * unit.span(), (number + 1) * unit.span()));
        }
        let (first, next) = (unit.first_date(number) * DAY, unit.first_date(number + 1) * DAY);
        let mut bounds: Option<(i64, i64)> = None;
        for (from, until, offset) in self.stretches() {
            let shift = i64::from(offset) * SECOND;
            let (start, end) = (from.max(first - shift), until.min(next - shift));
            if start < end {
                bounds = match bounds {
                    None => Some((start, end)),
                    Some((earliest, latest)) if latest == start => Some((earliest, end)),
                    Some(_) => return None,
                };
            }
        }
        bounds
    }

    pub fn public(&self) -> Zone {
        Zone::table(self.initial, self.transitions.clone()).unwrap()
    }
}
