//! The numbers of the current buckets. They are computed once and reused until one changes.

use super::bucket::{Numbers, local_day};
use super::instant::{DAY, MINUTE, SECOND, clamp};
use super::unit::Unit;
use super::zone::Zone;

/// The current buckets of all units. They are valid for instants in `[from, until)`. The range ends
/// at the next minute (second, if seconds are tracked), at local midnight, or at a transition of
/// the zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurrentBuckets {
    from: i64,
    until: i64,
    pub(crate) numbers: Numbers,
    /// The offset of the local clock in seconds.
    pub(crate) offset: i32,
}

impl CurrentBuckets {
    pub(crate) fn at(now: i64, zone: &Zone, finest: Unit) -> CurrentBuckets {
        let now = clamp(now);
        let segment = zone.segment(now);
        let offset = segment.offset;
        let length = if finest == Unit::Seconds { SECOND } else { MINUTE };
        let start = now.div_euclid(length) * length;
        let day = local_day(now, offset);
        CurrentBuckets {
            from: start.max(segment.from).max(day * DAY - offset),
            until: (start + length).min(segment.until).min((day + 1) * DAY - offset),
            numbers: Numbers::at(now, offset),
            offset: segment.seconds(),
        }
    }

    /// Numbers that are valid for no instant.
    pub(crate) fn never() -> CurrentBuckets {
        CurrentBuckets { from: 0, until: 0, numbers: Numbers::at(0, 0), offset: 0 }
    }

    /// Whether the numbers are valid at `now`. Both ends are checked, because a clock can go back.
    #[inline]
    pub(crate) fn holds(&self, now: i64) -> bool {
        self.from <= now && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_valid_exactly_until_one_of_them_changes() {
        let transition = 1_710_054_000_000 + 31_500;
        let zone = Zone::table(-18_000, vec![(transition, -14_417)]).unwrap();
        for finest in [Unit::Seconds, Unit::Minutes] {
            let units = Unit::ALL.into_iter().filter(|unit| *unit >= finest);
            for around in [transition, 1_710_028_800_000 + 14_417_000, 0] {
                for now in (around - 61_000..around + 61_000).step_by(499) {
                    let current = CurrentBuckets::at(now, &zone, finest);
                    assert!(current.holds(now));
                    for at in [current.from, current.until - 1] {
                        let there = Numbers::at(at, zone.segment(at).offset);
                        assert!(units.clone().all(|unit| there.get(unit) == current.numbers.get(unit)));
                    }
                    for beyond in [current.from - 1, current.until] {
                        assert!(!current.holds(beyond));
                    }
                }
            }
        }
        assert!(!CurrentBuckets::never().holds(0));
    }
}
