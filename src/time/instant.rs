//! Instants as milliseconds since the Unix epoch, limited to a range in which arithmetic cannot
//! overflow.

use chrono::{DateTime, Duration, Utc};

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// 0001-01-01T00:00:00Z.
pub(crate) const EARLIEST: i64 = -62_135_596_800_000;
/// 9999-12-31T23:59:59.999Z.
pub(crate) const LATEST: i64 = 253_402_300_799_999;

/// Limits an instant to the years 1 to 9999.
pub(crate) fn clamp(millis: i64) -> i64 {
    millis.clamp(EARLIEST, LATEST)
}

/// The instant of a time, limited to the years 1 to 9999.
pub(crate) fn of(time: DateTime<Utc>) -> i64 {
    clamp(time.timestamp_millis())
}

/// The instant `ago` before `now`, limited to the years 1 to 9999.
pub(crate) fn before(now: i64, ago: Duration) -> i64 {
    clamp(now.saturating_sub(ago.num_milliseconds()))
}

/// The milliseconds of a duration, rounded towards zero. A shorter one is a millisecond, so that
/// only a duration of zero has none.
#[inline]
pub(crate) fn millis_of(duration: Duration) -> i64 {
    match duration.num_milliseconds() {
        0 if duration > Duration::zero() => 1,
        0 if duration < Duration::zero() => -1,
        millis => millis,
    }
}

/// The instant moved by `by` milliseconds, limited to the years 1 to 9999.
pub(crate) fn shifted(at: i64, by: i64) -> i64 {
    clamp(at.saturating_add(by))
}

/// The time of an instant, limited to the years 1 to 9999.
pub(crate) fn to_time(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(clamp(millis)).unwrap_or(DateTime::UNIX_EPOCH)
}

/// The time from `then` to `now`; zero if `then` is after `now`.
pub(crate) fn since(now: i64, then: i64) -> Duration {
    Duration::milliseconds(now.saturating_sub(then).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_duration_of_zero_has_no_millisecond() {
        let millis =
            [0, 1, -1, 1_000_000, 1_999_999, -1_999_999].map(|nanos| millis_of(Duration::nanoseconds(nanos)));
        assert_eq!(millis, [0, 1, -1, 1, 1, -1]);
        assert_eq!([Duration::MAX, Duration::MIN].map(millis_of), [i64::MAX, -i64::MAX]);
    }

    #[test]
    fn instants_are_limited_to_the_years_1_to_9999() {
        assert_eq!(of(DateTime::<Utc>::MAX_UTC), LATEST);
        assert_eq!(of(DateTime::<Utc>::MIN_UTC), EARLIEST);
        assert_eq!(before(0, Duration::MAX), EARLIEST);
        assert_eq!(before(0, Duration::MIN), LATEST);
        assert_eq!(shifted(EARLIEST, -1), EARLIEST);
        assert_eq!(shifted(0, i64::MAX), LATEST);
        assert_eq!(to_time(EARLIEST).to_rfc3339(), "0001-01-01T00:00:00+00:00");
        assert_eq!(to_time(LATEST).timestamp_millis(), LATEST);
    }
}
