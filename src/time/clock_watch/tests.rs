//! Races, small and large steps, jumps, and what is unknown.

use super::*;
use crate::time::instant::{DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND};

/// A watch that has observed `times` without monotonic time.
fn watched(times: &[i64]) -> ClockWatch {
    let mut watch = ClockWatch::default();
    for time in times {
        watch.observe(*time, None);
    }
    watch
}

/// The clocks of a device, and its watch.
struct Device {
    wall: i64,
    monotonic: i64,
    watch: ClockWatch,
    comparisons: usize,
}

impl Device {
    /// A device whose clock was set back from `peak` to `wall`.
    fn set_back(peak: i64, wall: i64) -> Device {
        let mut device = Device { wall: peak, monotonic: 0, watch: ClockWatch::default(), comparisons: 0 };
        device.observe();
        device.set(wall);
        device
    }

    fn observe(&mut self) -> Observed {
        let wanted = self.watch.wants_monotonic(self.wall);
        self.comparisons += usize::from(wanted);
        self.watch.observe(self.wall, wanted.then_some(self.monotonic))
    }

    fn pass(&mut self, time: i64) -> Observed {
        (self.wall, self.monotonic) = (self.wall + time, self.monotonic + time);
        self.observe()
    }

    fn set(&mut self, wall: i64) -> Observed {
        self.wall = wall;
        self.observe()
    }

    fn restart(&mut self) {
        let step = self
            .watch
            .step
            .map(|step| Step::restored((step.noticed, step.peak, step.went_back), step.is_large));
        self.watch = ClockWatch { step, ..self.watch };
    }

    fn noticed(&self) -> Option<i64> {
        self.watch.noticed()
    }
}

/// Whether the step that closed is large, and whether it was watched to its end.
fn closed(observed: Observed) -> Option<(bool, bool)> {
    observed.closed.map(|closed| (closed.is_large, closed.is_continuous))
}

const CONTINUOUS: Option<(bool, bool)> = Some((true, true));
const INTERRUPTED: Option<(bool, bool)> = Some((true, false));
const SMALL: Option<(bool, bool)> = Some((false, false));

#[test]
fn a_reading_up_to_a_second_late_is_the_latest_instant() {
    let mut watch = watched(&[DAY]);
    for late in [1, 999, SECOND] {
        assert_eq!(watch.observe_forward(DAY - late), Some(DAY));
        assert_eq!(watch.observe(DAY - late, None), Observed { now: DAY, ..Observed::default() });
    }
    assert_eq!((watch.latest, watch.step), (Some(DAY), None));
    assert_eq!(watch.observe_forward(DAY - SECOND - 1), None);
    let now = DAY - SECOND - 1;
    let opened = Observed { now, is_step_changed: true, went_back: true, ..Observed::default() };
    assert_eq!(watch.observe(now, None), opened);
    assert_eq!(watch.noticed(), Some(now));
    assert_eq!(watch.observe(now - 1, None).now, now, "also while a step is open");
}

#[test]
fn the_first_reading_is_accepted() {
    let mut watch = ClockWatch::default();
    assert_eq!(watch.observe_forward(DAY), None);
    assert!(!watch.is_back(DAY) && !watch.wants_monotonic(DAY));
    assert_eq!(watch.observe(DAY, None).now, DAY);
    assert_eq!(watch.observe_forward(DAY + 1), Some(DAY + 1));
}

#[test]
fn a_step_of_more_than_fifteen_minutes_is_large() {
    for (back, is_large) in [(2 * SECOND, false), (15 * MINUTE, false), (15 * MINUTE + 1, true)] {
        let device = Device::set_back(DAY, DAY - back);
        assert_eq!(device.watch.step.unwrap().is_large, is_large);
        assert_eq!(device.comparisons, usize::from(is_large));
    }
}

#[test]
fn a_step_is_open_until_the_clock_passes_the_peak() {
    assert_eq!(watched(&[60 * DAY, 0, 60 * DAY - 1]).noticed(), Some(0));
    assert_eq!(watched(&[60 * DAY, 0, 60 * DAY]).noticed(), None);
    let mut device = Device::set_back(DAY, DAY - MINUTE);
    let at = DAY;
    let small = Some(ClosedStep { is_large: false, at, is_continuous: false });
    let closed = Observed { now: DAY, is_step_changed: true, closed: small, ..Observed::default() };
    assert_eq!(device.pass(MINUTE), closed);
}

#[test]
fn a_small_step_is_not_compared_with_monotonic_time() {
    let mut device = Device::set_back(DAY, DAY - 14 * MINUTE);
    assert_eq!(device.set(DAY - 2 * MINUTE).jump, None);
    assert_eq!(device.set(DAY - 3 * MINUTE).jump, None);
    assert_eq!(device.noticed(), Some(DAY - 3 * MINUTE), "a further step back renews the notice");
    assert_eq!(closed(device.set(2 * DAY)), SMALL);
    assert_eq!(device.comparisons, 0);
}

#[test]
fn time_that_passes_under_a_large_step_is_no_jump() {
    let mut device = Device::set_back(60 * DAY, 0);
    for passed in [1, MINUTE, 3 * DAY, SECOND + 1] {
        assert_eq!(device.pass(passed).jump, None);
    }
    assert_eq!(device.noticed(), Some(0));
    assert_eq!(closed(device.pass(60 * DAY)), CONTINUOUS);
}

#[test]
fn a_jump_past_the_peak_closes_the_step_and_is_reported() {
    let mut device = Device::set_back(60 * DAY, 0);
    device.pass(HOUR);
    device.monotonic += MINUTE;
    let now = 61 * DAY;
    let jump = Some(now - HOUR - MINUTE);
    let continuous = Some(ClosedStep { is_large: true, at: now, is_continuous: true });
    let ended = Observed { now, is_step_changed: true, jump, closed: continuous, went_back: false };
    assert_eq!(device.set(now), ended);
    assert_eq!(device.noticed(), None);
}

#[test]
fn a_jump_that_does_not_reach_the_peak_moves_the_notice() {
    let mut device = Device::set_back(60 * DAY, 0);
    device.pass(HOUR);
    let now = 9 * DAY + HOUR;
    let jump = Some(9 * DAY);
    assert_eq!(device.set(now), Observed { now, is_step_changed: true, jump, ..Observed::default() });
    assert_eq!(device.noticed(), Some(9 * DAY));
    // Close to the peak the step is still large, so the next jump is noticed too.
    assert_eq!(device.set(60 * DAY - MINUTE).jump, Some(51 * DAY - MINUTE - HOUR));
    assert_eq!(device.noticed(), Some(60 * DAY - MINUTE - HOUR));
    assert_eq!(device.set(61 * DAY).jump, Some(DAY + MINUTE));
}

#[test]
fn a_jump_back_moves_the_notice_and_does_not_renew_it() {
    let mut device = Device::set_back(60 * DAY, 10 * DAY);
    device.pass(5 * HOUR);
    device.monotonic += HOUR;
    assert_eq!(device.set(3 * DAY).jump, Some(-(7 * DAY + 6 * HOUR)));
    assert_eq!(device.noticed(), Some(3 * DAY - 6 * HOUR));
    assert_eq!(device.watch.step.unwrap().peak, 60 * DAY);
}

#[test]
fn a_clock_that_stands_still_jumps_back() {
    let mut device = Device::set_back(60 * DAY, DAY);
    device.monotonic += HOUR;
    assert_eq!(device.observe().jump, None, "compared when the clock moves");
    assert_eq!(device.pass(2 * SECOND).jump, Some(-HOUR));
}

#[test]
fn a_difference_of_up_to_a_second_is_no_jump() {
    let mut device = Device::set_back(60 * DAY, DAY);
    for difference in [SECOND, -SECOND] {
        device.monotonic -= difference;
        assert_eq!(device.pass(MINUTE).jump, None);
    }
    device.monotonic -= SECOND + 1;
    assert_eq!(device.pass(MINUTE).jump, Some(SECOND + 1));
}

#[test]
fn monotonic_time_is_read_if_the_clock_moved_by_more_than_a_second() {
    let mut device = Device::set_back(60 * DAY, DAY);
    (0..1_000).for_each(|_| _ = device.pass(SECOND));
    assert_eq!(device.comparisons, 1, "at the opening");
    device.pass(SECOND + 1);
    assert_eq!(device.comparisons, 2);
    // What was not compared meanwhile is included in the next comparison.
    device.monotonic += MINUTE;
    device.pass(SECOND);
    assert_eq!((device.comparisons, device.pass(HOUR).jump), (2, Some(-MINUTE)));
}

#[test]
fn a_small_step_that_becomes_large_is_compared_from_then_on() {
    let mut device = Device::set_back(DAY, DAY - 10 * MINUTE);
    device.monotonic += HOUR;
    let now = DAY - 20 * MINUTE;
    let grown = Observed { now, is_step_changed: true, went_back: true, ..Observed::default() };
    assert_eq!(device.set(now), grown);
    assert!(device.watch.step.unwrap().is_large);
    assert_eq!(closed(device.pass(HOUR)), CONTINUOUS);

    let mut device = Device::set_back(DAY, DAY - 10 * MINUTE);
    device.watch.observe_recorded(2 * DAY);
    device.observe();
    assert_eq!(device.set(3 * DAY).jump, Some(2 * DAY + 10 * MINUTE));
}

#[test]
fn nothing_is_inferred_from_the_time_between_two_processes() {
    let mut device = Device::set_back(60 * DAY, 10 * DAY);
    device.restart();
    // It looks like time that passed, and a step further back.
    assert_eq!(device.set(20 * DAY).jump, None);
    assert_eq!(device.noticed(), Some(10 * DAY));
    device.restart();
    assert_eq!(device.set(5 * DAY).jump, None);
    assert_eq!(device.noticed(), Some(5 * DAY));
    // From then on both clocks are known.
    assert_eq!(device.set(6 * DAY).jump, Some(DAY));
    assert_eq!(device.noticed(), Some(6 * DAY));
    assert_eq!(closed(device.pass(60 * DAY)), INTERRUPTED);
}

#[test]
fn without_monotonic_time_nothing_is_inferred() {
    let mut watch = watched(&[60 * DAY, 10 * DAY, 30 * DAY]);
    assert_eq!(watch.noticed(), Some(10 * DAY));
    watch.observe(11 * DAY, None);
    assert_eq!((watch.noticed(), watch.step.unwrap().peak), (Some(11 * DAY), 60 * DAY));
    assert_eq!(closed(watch.observe(60 * DAY, None)), INTERRUPTED);
}

#[test]
fn monotonic_time_that_is_unknown_once_interrupts_the_comparison() {
    let mut device = Device::set_back(60 * DAY, 10 * DAY);
    assert_eq!(device.watch.observe(20 * DAY, None).jump, None);
    device.wall = 20 * DAY;
    assert_eq!(device.pass(HOUR).jump, None);
    assert_eq!(device.set(22 * DAY).jump, Some(2 * DAY - HOUR));
    assert_eq!(closed(device.pass(60 * DAY)), INTERRUPTED);
}

#[test]
fn an_instant_from_storage_counts_as_seen() {
    let mut watch = ClockWatch::default();
    watch.observe_recorded(9 * DAY);
    watch.observe(DAY, None);
    assert_eq!(watch.step, Some(Step::restored((DAY, 9 * DAY, DAY), true)));
    watch.observe_recorded(12 * DAY);
    assert_eq!(watch.step, Some(Step::restored((DAY, 12 * DAY, DAY), true)));
}

#[test]
fn the_clock_last_went_back_at_a_small_correction_under_a_large_step() {
    let mut device = Device::set_back(60 * DAY, 10 * DAY);
    device.pass(DAY);
    assert_eq!(device.set(11 * DAY - 10 * MINUTE).jump, Some(-10 * MINUTE));
    let went_back = |device: &Device| device.watch.step.unwrap().went_back;
    assert_eq!(device.noticed(), Some(10 * DAY - 10 * MINUTE));
    assert_eq!(went_back(&device), 11 * DAY - 10 * MINUTE);
    // A jump that is no step back moves it, as it moves the notice.
    device.pass(HOUR);
    device.set(20 * DAY);
    assert_eq!(went_back(&device), 20 * DAY - HOUR);
    // An instant of storage that was shown under the step shows that the clock went back since.
    device.restart();
    device.watch.observe_recorded_under_step(21 * DAY);
    assert!(device.pass(MINUTE).went_back);
    assert_eq!(went_back(&device), 20 * DAY + MINUTE);
}

#[test]
fn a_jump_moves_no_notice_out_of_the_years_1_to_9999() {
    let mut device = Device::set_back(LATEST, EARLIEST + DAY);
    assert_eq!(device.noticed(), Some(EARLIEST + DAY));
    device.pass(HOUR);
    device.set(EARLIEST);
    assert_eq!(device.noticed(), Some(EARLIEST));
}
