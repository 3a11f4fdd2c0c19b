//! Checks numbers from other languages, where a count or a duration is a signed number of any size.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::bounds::{MAX_DURATION_MILLIS, MAX_GROUP_DEPTH, MAX_RULES};
use crate::error::{Error, Result};
use crate::time::instant::{EARLIEST, LATEST, MINUTE, to_time};
use crate::time::window::{check_count, check_millis};
use crate::{ReservationKey, Schedule};

/// What a facade passes for a duration or an instant that is not a number, in a language where it
/// can be one. `i64::MIN` stands for all that are too small.
const NOT_A_NUMBER: i64 = i64::MIN + 1;

const TOO_LONG: &str = "the duration is too long: use at most 10,000 years";

/// The number of times that something happened.
pub(crate) fn count(count: i64) -> Result<u32> {
    u32::try_from(count).map_err(|_| invalid(format!("invalid count {count}: use 0 to 4,294,967,295")))
}

/// A number of units, or an index of a unit counted back from the current one. It is clamped to
/// `usize::MAX`, which has 32 bits on some phones.
pub(crate) fn units(units: i64) -> Result<usize> {
    let units = u64::try_from(units)
        .map_err(|_| invalid(format!("invalid number of units {units}: use 0 or more")))?;
    Ok(usize::try_from(units).unwrap_or(usize::MAX))
}

/// A number of bytes.
pub(crate) fn bytes(bytes: i64) -> Result<usize> {
    let bytes = u64::try_from(bytes)
        .map_err(|_| invalid(format!("invalid number of bytes {bytes}: use 0 or more")))?;
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// The number of units in the window of a limit.
pub(crate) fn window(units: i64) -> Result<usize> {
    check_count(units)?;
    self::units(units)
}

/// A duration that may be zero.
pub(crate) fn duration(millis: i64) -> Result<Duration> {
    milliseconds(millis, 0, "the duration must not be negative or longer than 10,000 years")
}

/// How long ago something happened. If it is negative, the instant lies up to a minute ahead.
pub(crate) fn ago(millis: i64) -> Result<Duration> {
    check_is_a_number(millis)?;
    if millis < -MINUTE {
        return Err(Error::FutureEvent);
    }
    milliseconds(millis, -MINUTE, TOO_LONG)
}

/// The length of a rolling window of a limit, or the duration of a rule or of a stored reservation.
pub(crate) fn span(millis: i64) -> Result<Duration> {
    check_is_a_number(millis)?;
    check_millis(millis)?;
    milliseconds(millis, 1, TOO_LONG)
}

/// How far a clock is moved: forward, or back if it is negative.
pub(crate) fn clock_change(millis: i64) -> Result<Duration> {
    milliseconds(millis, -MAX_DURATION_MILLIS, "invalid change of the clock: use at most 10,000 years")
}

/// An instant of the years 1 to 9999.
pub(crate) fn instant(unix_millis: i64) -> Result<DateTime<Utc>> {
    if unix_millis == NOT_A_NUMBER {
        return Err(invalid("the instant is not a number".into()));
    }
    if !(EARLIEST..=LATEST).contains(&unix_millis) {
        return Err(invalid("the instant lies outside the years 1 to 9999".into()));
    }
    Ok(to_time(unix_millis))
}

/// Hours of the day. If the start is after the end, the schedule runs over midnight.
pub(crate) fn hours(start: i32, end: i32, local: bool) -> Result<Schedule> {
    let (start, end) = (hour(start)?, hour(end)?);
    match (start > end, local) {
        (true, _) => Schedule::hours_overnight(start, end, local),
        (false, true) => Schedule::hours_local_tz(start, end),
        (false, false) => Schedule::hours(start, end),
    }
}

/// An hour that fits into a byte. The schedule checks the rest.
fn hour(hour: i32) -> Result<u8> {
    u8::try_from(hour).map_err(|_| invalid(format!("invalid hour {hour}: use 0 to 23, or 24 as an end")))
}

/// A time of the day: its hour and its minute. The schedule checks the rest.
pub(crate) fn time_of_day(hour: i32, minute: i32, nanoseconds: i64) -> Result<(u8, u8)> {
    if nanoseconds != 0 {
        return Err(invalid("a schedule counts in minutes: use a time without seconds".into()));
    }
    let minute =
        u8::try_from(minute).map_err(|_| invalid(format!("invalid minute {minute}: use 0 to 59")))?;
    Ok((self::hour(hour)?, minute))
}

/// From one time of the day to another, each an hour and a minute.
pub(crate) fn daily(start: (u8, u8), end: (u8, u8), local: bool) -> Result<Schedule> {
    if local { Schedule::daily_local_tz(start, end) } else { Schedule::daily(start, end) }
}

/// A date of the calendar. The schedule checks the bounds of the year.
pub(crate) fn date(year: i32, month: i32, day: i32) -> Result<NaiveDate> {
    let parts = u32::try_from(month).ok().zip(u32::try_from(day).ok());
    let date = parts.and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day));
    date.ok_or_else(|| invalid(format!("there is no date {year}-{month}-{day}: use a year from 1 to 9999")))
}

/// The number of rules in a flat list, with the groups. A limit of the most rules in groups of the
/// most depth is not longer.
pub(crate) fn flat_rules(rules: usize) -> Result<()> {
    let most = MAX_RULES * (MAX_GROUP_DEPTH + 1);
    if rules > most {
        return Err(invalid(format!("a limit has {rules} rules and groups; use at most {most}")));
    }
    Ok(())
}

/// Takes the rules of a group out of the rules that follow it, of which the last comes first.
pub(crate) fn group<T>(rules: i32, later: &mut Vec<T>) -> Result<Vec<T>> {
    let first = usize::try_from(rules).ok().and_then(|rules| later.len().checked_sub(rules));
    let first = first.ok_or_else(|| {
        let following = later.len();
        invalid(format!("a group of {rules} rules is followed by {following} rules"))
    })?;
    Ok(later.split_off(first).into_iter().rev().collect())
}

/// The key of a stored reservation.
pub(crate) fn key(key: i64) -> Result<ReservationKey> {
    let number = u64::try_from(key)
        .map_err(|_| invalid(format!("invalid reservation key {key}: a key is greater than zero")))?;
    Ok(ReservationKey::from(number))
}

/// A count as a signed number, clamped to `i64::MAX`.
pub(crate) fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// A small number, for example an index into a list of the caller, clamped to `i32::MAX`.
pub(crate) fn small(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// The hour and the minute of a minute of the day.
pub(crate) fn hour_and_minute(minute_of_day: u16) -> (i32, i32) {
    (small(minute_of_day / 60), small(minute_of_day % 60))
}

/// The error for a schedule that is a function of the app, which only Rust has.
pub(crate) fn no_custom_schedule() -> Error {
    invalid("a schedule that is a function of the app is available in Rust only".into())
}

fn check_is_a_number(millis: i64) -> Result<()> {
    if millis == NOT_A_NUMBER {
        return Err(invalid("the duration is not a number".into()));
    }
    Ok(())
}

fn milliseconds(millis: i64, least: i64, reason: &str) -> Result<Duration> {
    check_is_a_number(millis)?;
    if !(least..=MAX_DURATION_MILLIS).contains(&millis) {
        return Err(invalid(reason.into()));
    }
    Ok(Duration::milliseconds(millis))
}

fn invalid(reason: String) -> Error {
    Error::InvalidArgument(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_invalid<T>(result: Result<T>) -> bool {
        matches!(result, Err(Error::InvalidArgument(_)))
    }

    #[test]
    fn counts_and_units_out_of_bounds_are_invalid() {
        assert_eq!(count(0).unwrap(), 0);
        assert_eq!(count(i64::from(u32::MAX)).unwrap(), u32::MAX);
        assert!(is_invalid(count(-1)) && is_invalid(count(1 << 32)) && is_invalid(count(i64::MIN)));
        assert_eq!(units(7).unwrap(), 7);
        assert_eq!(units(i64::MAX).unwrap(), usize::try_from(i64::MAX).unwrap_or(usize::MAX));
        assert!(is_invalid(units(-1)) && is_invalid(window(0)) && is_invalid(window(-7)));
        assert_eq!(window(1).unwrap(), 1);
        assert_eq!((signed(u64::MAX), signed(7u32), small(2_usize)), (i64::MAX, 7, 2));
    }

    #[test]
    fn durations_and_instants_out_of_bounds_are_invalid() {
        assert_eq!(duration(0).unwrap(), Duration::zero());
        assert!(is_invalid(duration(-1)) && is_invalid(duration(i64::MAX)));
        assert!(is_invalid(span(0)) && is_invalid(span(-1)));
        assert!(is_invalid(span(i64::MAX)) && span(1).is_ok());
        assert_eq!(clock_change(-5).unwrap(), Duration::milliseconds(-5));
        assert!(is_invalid(clock_change(i64::MIN)));
        assert_eq!(instant(EARLIEST).unwrap().timestamp_millis(), EARLIEST);
        assert_eq!(instant(LATEST).unwrap().timestamp_millis(), LATEST);
        assert!(is_invalid(instant(LATEST + 1)) && is_invalid(instant(i64::MIN)));
    }

    #[test]
    fn what_happened_up_to_a_minute_ahead_is_valid() {
        assert_eq!(ago(-60_000).unwrap(), Duration::minutes(-1));
        assert!(matches!(ago(-60_001), Err(Error::FutureEvent)));
        assert!(matches!(ago(i64::MIN), Err(Error::FutureEvent)) && is_invalid(ago(i64::MAX)));
    }

    #[test]
    fn hours_run_over_midnight_if_the_start_is_after_the_end() {
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

    #[test]
    fn times_of_the_day_and_dates_out_of_bounds_are_invalid() {
        assert_eq!(time_of_day(22, 30, 0).unwrap(), (22, 30));
        for (hour, minute, nanoseconds) in [(-1, 0, 0), (256, 0, 0), (7, -1, 0), (7, 256, 0), (7, 0, 1)] {
            assert!(is_invalid(time_of_day(hour, minute, nanoseconds)), "{hour} {minute} {nanoseconds}");
        }
        for local in [true, false] {
            assert!(daily((22, 30), (7, 0), local).is_ok() && is_invalid(daily((7, 60), (8, 0), local)));
        }
        assert_eq!(date(2028, 2, 29).unwrap().to_string(), "2028-02-29");
        for (year, month, day) in
            [(2027, 2, 29), (2027, 0, 1), (2027, -1, 1), (2027, 1, -1), (i32::MAX, 1, 1)]
        {
            assert!(is_invalid(date(year, month, day)), "{year} {month} {day}");
        }
    }

    #[test]
    fn an_error_names_the_value_and_the_bounds() {
        assert_eq!(text(count(-7)), "invalid count -7: use 0 to 4,294,967,295");
        assert_eq!(text(hours(25, 3, true)), text(Schedule::hours_overnight(25, 3, true)));
        assert_eq!(text(hours(-1, 3, true)), "invalid hour -1: use 0 to 23, or 24 as an end");
        assert_eq!(text(instant(i64::MAX)), "the instant lies outside the years 1 to 9999");
        assert_eq!(text(span(i64::MAX)), "the duration is too long: use at most 10,000 years");
        assert_eq!(text(window(-2)), "a calendar window must have at least 1 unit, not -2");
        for not_a_number in [duration, ago, span, clock_change] {
            assert_eq!(text(not_a_number(NOT_A_NUMBER)), "the duration is not a number");
        }
        assert_eq!(text(instant(NOT_A_NUMBER)), "the instant is not a number");
        assert_eq!(text(span(0)), "the duration must be greater than zero");
        assert_eq!(text(duration(-1)), "the duration must not be negative or longer than 10,000 years");
    }

    fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.unwrap_err().to_string()
    }
}
