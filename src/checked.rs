//! Numbers from other languages, checked once: there a count or a length of time is a signed number that may be anything.

use chrono::{DateTime, Duration, Utc};

use crate::bounds::MAX_DURATION_MILLIS;
use crate::error::{Error, Result};
use crate::time::instant::{EARLIEST, LATEST, to_time};
use crate::{ReservationKey, Schedule};

/// How often something happened.
pub(crate) fn count(count: i64) -> Result<u32> {
    u32::try_from(count).map_err(|_| invalid("a count", count, "0 to 4,294,967,295"))
}

/// How many units, or how many of them back.
pub(crate) fn units(units: i64) -> Result<usize> {
    usize::try_from(units).map_err(|_| invalid("a number of units", units, "0 or more"))
}

/// How many units a limit looks at; none would be no limit.
pub(crate) fn window(units: i64) -> Result<usize> {
    usize::try_from(units)
        .ok()
        .filter(|units| *units > 0)
        .ok_or_else(|| invalid("the window of a limit in units", units, "1 or more"))
}

/// A length of time.
pub(crate) fn length(millis: i64) -> Result<Duration> {
    within(millis, 0, MAX_DURATION_MILLIS, "a length of time in milliseconds").map(Duration::milliseconds)
}

/// The length of time that a limit looks back; none would be no limit.
pub(crate) fn rolling(millis: i64) -> Result<Duration> {
    within(millis, 1, MAX_DURATION_MILLIS, "the window of a limit in milliseconds")
        .map(Duration::milliseconds)
}

/// By how much a clock is moved, forwards or back.
pub(crate) fn shift(millis: i64) -> Result<Duration> {
    within(millis, -MAX_DURATION_MILLIS, MAX_DURATION_MILLIS, "a length of time in milliseconds")
        .map(Duration::milliseconds)
}

/// An instant of the years 1 to 9999.
pub(crate) fn instant(unix_millis: i64) -> Result<DateTime<Utc>> {
    within(unix_millis, EARLIEST, LATEST, "an instant in milliseconds since 1970").map(to_time)
}

/// Hours of the day; a start after the end runs over midnight.
pub(crate) fn hours(start: i32, end: i32, local: bool) -> Result<Schedule> {
    let hour = |hour: i32| u8::try_from(hour).map_err(|_| invalid("an hour", hour.into(), "0 to 24"));
    let (start, end) = (hour(start)?, hour(end)?);
    match (start > end, local) {
        (true, _) => Schedule::hours_overnight(start, end, local),
        (false, true) => Schedule::hours_local_tz(start, end),
        (false, false) => Schedule::hours(start, end),
    }
}

/// The number of a reservation.
pub(crate) fn key(key: i64) -> Result<ReservationKey> {
    let number = u64::try_from(key).map_err(|_| invalid("the key of a reservation", key, "1 or more"))?;
    Ok(ReservationKey::from(number))
}

/// A count as a signed number, held to its bounds.
pub(crate) fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// The place of something in a list that a caller gave.
pub(crate) fn place(place: usize) -> i32 {
    place.try_into().unwrap_or(i32::MAX)
}

fn within(value: i64, least: i64, most: i64, what: &str) -> Result<i64> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(invalid(what, value, &format!("{least} to {most}")))
}

fn invalid(what: &str, value: i64, bounds: &str) -> Error {
    Error::InvalidArgument(format!("{value} is not possible as {what}; give {bounds}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_invalid<T>(result: Result<T>) -> bool {
        matches!(result, Err(Error::InvalidArgument(_)))
    }

    #[test]
    fn counts_and_units_are_held_to_their_bounds() {
        assert_eq!(count(0).unwrap(), 0);
        assert_eq!(count(i64::from(u32::MAX)).unwrap(), u32::MAX);
        assert!(is_invalid(count(-1)) && is_invalid(count(1 << 32)) && is_invalid(count(i64::MIN)));
        assert_eq!(units(7).unwrap(), 7);
        assert!(is_invalid(units(-1)) && is_invalid(window(0)) && is_invalid(window(-7)));
        assert_eq!(window(1).unwrap(), 1);
        assert_eq!((signed(u64::MAX), signed(7u32), place(2)), (i64::MAX, 7, 2));
    }

    #[test]
    fn times_are_held_to_what_can_be_counted_with() {
        assert_eq!(length(0).unwrap(), Duration::zero());
        assert!(is_invalid(length(-1)) && is_invalid(length(i64::MAX)) && is_invalid(rolling(0)));
        assert_eq!(shift(-5).unwrap(), Duration::milliseconds(-5));
        assert!(is_invalid(shift(i64::MIN)));
        assert_eq!(instant(EARLIEST).unwrap().timestamp_millis(), EARLIEST);
        assert_eq!(instant(LATEST).unwrap().timestamp_millis(), LATEST);
        assert!(is_invalid(instant(LATEST + 1)) && is_invalid(instant(i64::MIN)));
    }

    #[test]
    fn hours_run_over_midnight_where_the_start_comes_after_the_end() {
        assert!(matches!(
            hours(22, 6, true),
            Ok(Schedule::Hours { start_hour: 22, end_hour: 6, use_local_tz: true })
        ));
        assert!(matches!(
            hours(9, 24, false),
            Ok(Schedule::Hours { start_hour: 9, end_hour: 24, use_local_tz: false })
        ));
        assert!(matches!(hours(9, 9, true), Err(Error::InvalidRange(9, 9))));
        assert!(matches!(hours(9, 25, true), Err(Error::InvalidHour(25))));
        assert!(is_invalid(hours(-1, 5, true)) && is_invalid(hours(0, 300, true)));
    }
}
