//! The zones of the devices. Schedules begin at noon in UTC, so some dates begin during them.

use super::common::noon;
use super::common::unit::MINUTE;
use super::common::zone::LocalZone;

pub const ZONES: usize = 5;

/// UTC; far east and far west; one in which an hour with a midnight is left out, and one in which an
/// hour with a midnight comes twice.
pub fn zone(number: usize) -> LocalZone {
    let hours = |hours: i32| hours * 3_600;
    let changing = |before: i32, minutes: i64, after: i32| {
        let at = noon().timestamp_millis() + minutes * MINUTE;
        LocalZone { initial: hours(before), transitions: vec![(at, hours(after))] }
    };
    match number {
        0 => LocalZone::fixed(0),
        1 => LocalZone::fixed(hours(14)),
        2 => LocalZone::fixed(hours(-11)),
        3 => changing(11, 30, 12),
        _ => changing(12, 40, 11),
    }
}
