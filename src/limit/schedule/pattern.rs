//! The times at which a schedule holds, on a local clock.

use chrono::{Weekday, WeekdaySet};

use crate::bounds::MAX_SCHEDULE_LOOKAHEAD;
use crate::time::instant::{DAY, LATEST, MINUTE};
use crate::time::zone::Zone;

/// Times on a local clock. They are milliseconds since 1970-01-01 of the local calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// From one time of the day to another, in milliseconds. If the start is after the end, it runs
    /// over midnight.
    Daily { start: i64, end: i64 },
    /// Days of the week: a bit for each, Monday first.
    Days { from_monday: u8 },
    /// Dates in days since 1970-01-01, both included.
    Dates { first: i64, last: i64 },
}

impl Pattern {
    /// From one minute of the day to another. The end of the day is one time, whether it is written
    /// as 0:00 or as 24:00.
    pub(super) fn daily(start: u16, end: u16) -> Pattern {
        let end = if end == 0 { DAY } else { i64::from(end) * MINUTE };
        Pattern::Daily { start: i64::from(start) * MINUTE, end }
    }

    pub(super) fn days(days: WeekdaySet) -> Pattern {
        let bit = |day: Weekday| 1u8.checked_shl(day.num_days_from_monday()).unwrap_or(0);
        Pattern::Days { from_monday: days.iter(Weekday::Mon).map(bit).sum() }
    }

    /// Whether it holds at a local time.
    pub(super) fn holds(self, local: i64) -> bool {
        let day = local.div_euclid(DAY);
        match self {
            Pattern::Daily { start, end } => {
                let time = local.rem_euclid(DAY);
                if start < end { start <= time && time < end } else { start <= time || time < end }
            }
            Pattern::Days { from_monday } => {
                // 1970-01-01 was a Thursday, the fourth day from Monday.
                let weekday = u32::try_from((day + 3).rem_euclid(7)).unwrap_or(0);
                from_monday.checked_shr(weekday).unwrap_or(0) & 1 == 1
            }
            Pattern::Dates { first, last } => (first..=last).contains(&day),
        }
    }

    /// The next local time after `local` at which the answer can change; absent if it does not
    /// change any more.
    fn boundary(self, local: i64) -> Option<i64> {
        let midnight = local.div_euclid(DAY) * DAY;
        match self {
            Pattern::Daily { start, end } => {
                let times = [start, end, start + DAY, end + DAY].map(|time| midnight + time);
                times.into_iter().filter(|time| *time > local).min()
            }
            Pattern::Days { .. } => Some(midnight + DAY),
            Pattern::Dates { first, last } => {
                [first * DAY, (last + 1) * DAY].into_iter().find(|time| *time > local)
            }
        }
    }

    /// The first instant after `now` at which the answer changes; absent if it never does. Without
    /// a zone the local clock is UTC.
    pub(super) fn changes(self, now: i64, zone: Option<&Zone>) -> Option<i64> {
        let offset = |at: i64| zone.map_or(0, |zone| zone.segment(at).offset);
        let holds = |at: i64| self.holds(at + offset(at));
        let held = holds(now);
        let mut at = now;
        if let (Pattern::Dates { .. }, Some(boundary)) = (self, self.boundary(now + offset(now))) {
            // No offset brings the date closer than this. It can be years away.
            at = at.max(boundary - 2 * DAY);
        }
        let end = at.saturating_add(MAX_SCHEDULE_LOOKAHEAD).min(LATEST);
        while at < end {
            // The answer changes only at a boundary or when the local clock jumps.
            let segment = zone.map(|zone| zone.segment_ahead(at));
            let (offset, until) = segment.map_or((0, i64::MAX), |segment| (segment.offset, segment.until));
            let boundary = self.boundary(at + offset).map_or(i64::MAX, |boundary| boundary - offset);
            at = boundary.min(until);
            if at <= LATEST && holds(at) != held {
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Schedule;
    use crate::time::bucket::date_of;
    use crate::time::instant::HOUR;

    /// Clocks go forward from 2:00 to 3:00 and back from 3:00 to 2:00 local time.
    const SPRING: i64 = 1_711_846_800_000;
    const AUTUMN: i64 = 1_729_990_800_000;

    fn zone() -> Zone {
        Zone::table(3_600, vec![(SPRING, 7_200), (AUTUMN, 3_600)]).unwrap()
    }

    #[test]
    fn a_change_is_the_first_instant_with_another_answer() {
        let zone = zone();
        let schedules = [
            Schedule::hours_local_tz(2, 3).unwrap(),
            Schedule::hours_local_tz(9, 17).unwrap(),
            Schedule::hours_overnight(22, 6, true).unwrap(),
            Schedule::daily_local_tz((22, 31), (2, 29)).unwrap(),
            Schedule::daily((2, 31), (2, 32)).unwrap(),
            Schedule::weekdays_local_tz(),
            Schedule::weekends(),
            Schedule::days_of_week_local_tz(&[Weekday::Tue, Weekday::Sun]).unwrap(),
        ];
        for schedule in schedules {
            for start in [SPRING - 40 * HOUR, AUTUMN - 40 * HOUR] {
                for now in (start..start + 80 * HOUR).step_by(29 * 60_000) {
                    let change = schedule.changes(now, &zone).unwrap();
                    assert_ne!(schedule.holds(change, &zone), schedule.holds(now, &zone));
                    let mut between = now;
                    while between < change {
                        assert_eq!(schedule.holds(between, &zone), schedule.holds(now, &zone));
                        between += 60_000;
                    }
                    assert_eq!(schedule.holds(change - 1, &zone), schedule.holds(now, &zone));
                }
            }
        }
        assert!(Schedule::hours(0, 24).unwrap().changes(0, &zone).is_none());
        assert!(
            Schedule::days_of_week(&[0, 1, 2, 3, 4, 5, 6].map(|day| Weekday::try_from(day).unwrap()))
                .is_ok_and(|schedule| schedule.changes(0, &zone).is_none())
        );
    }

    #[test]
    fn a_day_of_the_week_that_the_local_clock_skips_comes_a_week_later() {
        // The local clock goes from the end of Thursday, 2011-12-29, to Saturday.
        let skip = 1_325_239_200_000;
        let zone = Zone::table(-36_000, vec![(skip, 50_400)]).unwrap();
        let friday = Schedule::days_of_week_local_tz(&[Weekday::Fri]).unwrap();
        let saturday = skip - 6 * DAY;
        assert!(friday.holds(saturday - 1, &zone) && !friday.holds(saturday, &zone));
        // The seventh day after the skipped one.
        let begins = friday.changes(saturday, &zone).unwrap();
        assert_eq!(begins, skip + 6 * DAY);
        assert!(friday.holds(begins, &zone) && !friday.holds(begins - 1, &zone));
    }

    #[test]
    fn dates_change_at_the_midnights_of_the_local_clock_however_far_away() {
        // The last local midnight is skipped: the local clock goes from 23:59 to 1:00.
        let gap = 19_810 * DAY;
        let zones = [Zone::utc(), zone(), Zone::table(0, vec![(gap, 3_600)]).unwrap(), Zone::default()];
        for zone in zones {
            for (first, last) in [(19_800, 19_809), (19_805, 19_805), (19_810, 30_000)] {
                let schedule = Schedule::dates_local_tz(date_of(first), date_of(last)).unwrap();
                for now in [0, (first - 1) * DAY + 5] {
                    let begins = schedule.changes(now, &zone).unwrap();
                    let ends = schedule.changes(begins, &zone).unwrap();
                    for (at, held) in [(begins - 1, false), (begins, true), (ends - 1, true), (ends, false)] {
                        assert_eq!(schedule.holds(at, &zone), held, "{first} to {last} at {at}");
                    }
                    assert_eq!(begins, zone.day_begins(first, 0));
                    assert_eq!(ends, zone.day_begins(last + 1, 0));
                    assert_eq!(schedule.changes(ends, &zone), None);
                }
            }
        }
    }
}
