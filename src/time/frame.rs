//! The numbers of the current buckets, computed once and kept for as long as they hold.

use super::bucket::{Numbers, local_day};
use super::instant::{DAY, MINUTE, SECOND, clamp};
use super::unit::Unit;
use super::zone::Zone;

/// The current buckets of all units. It holds for `[from, until)`: until the next minute (second, where seconds are tracked), local
/// midnight or transition of the zone, whichever comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    from: i64,
    until: i64,
    pub(crate) numbers: Numbers,
    /// How far the buckets of a believed device may reach.
    pub(crate) soon: Numbers,
}

impl Frame {
    pub(crate) fn at(now: i64, zone: &Zone, finest: Unit) -> Frame {
        let now = clamp(now);
        let segment = zone.segment(now);
        let offset = segment.offset;
        let step = if finest == Unit::Seconds { SECOND } else { MINUTE };
        let start = now.div_euclid(step) * step;
        let day = local_day(now, offset);
        Frame {
            from: start.max(segment.from).max(day * DAY - offset),
            until: (start + step).min(segment.until).min((day + 1) * DAY - offset),
            numbers: Numbers::at(now, offset),
            soon: Numbers::soon(now, offset),
        }
    }

    /// A frame that holds for no instant.
    pub(crate) fn never() -> Frame {
        Frame { from: 0, until: 0, numbers: Numbers::at(0, 0), soon: Numbers::at(0, 0) }
    }

    /// Both ends count: clocks go back too.
    #[inline]
    pub(crate) fn holds(&self, now: i64) -> bool {
        self.from <= now && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_exactly_while_its_numbers_are_right() {
        let transition = 1_710_054_000_000 + 31_500;
        let zone = Zone::table(-18_000, vec![(transition, -14_417)]).unwrap();
        for finest in [Unit::Seconds, Unit::Minutes] {
            let units = Unit::ALL.into_iter().filter(|unit| *unit >= finest);
            for around in [transition, 1_710_028_800_000 + 14_417_000, 0] {
                for now in (around - 61_000..around + 61_000).step_by(499) {
                    let frame = Frame::at(now, &zone, finest);
                    assert!(frame.holds(now));
                    for at in [frame.from, frame.until - 1] {
                        let there = Numbers::at(at, zone.segment(at).offset);
                        assert!(units.clone().all(|unit| there.of(unit) == frame.numbers.of(unit)));
                    }
                    for beyond in [frame.from - 1, frame.until] {
                        assert!(!frame.holds(beyond));
                    }
                }
            }
        }
        assert!(!Frame::never().holds(0));
    }
}
