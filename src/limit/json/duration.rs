//! Durations of fixed length in the form of ISO 8601.

use std::fmt::Write;

use crate::bounds::MAX_DURATION_MILLIS;
use crate::time::instant::{DAY, HOUR, MINUTE, SECOND};

/// Why a text is not a duration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It has another form.
    Form,
    /// It has months or years.
    Calendar,
    /// It is shorter than a millisecond or longer than 10,000 years.
    Bounds,
}

/// The milliseconds of a duration.
pub(super) fn parse(text: &str) -> Result<i64, Fault> {
    let text = text.strip_prefix('P').ok_or(Fault::Form)?;
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    if date.contains(['Y', 'M']) {
        return Err(Fault::Calendar);
    }
    if time == Some("") || text.is_empty() {
        return Err(Fault::Form);
    }
    let days = sum(date, &[('W', 7 * DAY), ('D', DAY)])?;
    let millis = days + sum(time.unwrap_or_default(), &[('H', HOUR), ('M', MINUTE), ('S', SECOND)])?;
    if is_in_bounds(millis) { Ok(millis) } else { Err(Fault::Bounds) }
}

/// Whether a rule document can have the duration.
pub(super) fn is_in_bounds(millis: i64) -> bool {
    (1..=MAX_DURATION_MILLIS).contains(&millis)
}

/// The sum of numbers that are followed by units, in the order of the units.
fn sum(mut text: &str, mut units: &[(char, i64)]) -> Result<i64, Fault> {
    let mut sum = 0i64;
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(Fault::Form)?;
        let (number, rest) = text.split_at_checked(end).ok_or(Fault::Form)?;
        let place = units.iter().position(|(unit, _)| rest.starts_with(*unit)).ok_or(Fault::Form)?;
        let (_, length) = units.get(place).ok_or(Fault::Form)?;
        (text, units) = (rest.get(1..).unwrap_or_default(), units.get(place + 1..).unwrap_or_default());
        sum = sum.saturating_add(millis(number, *length)?);
    }
    Ok(sum.min(MAX_DURATION_MILLIS + 1))
}

/// A number of units of this length in milliseconds. Only seconds can have a fraction.
fn millis(number: &str, length: i64) -> Result<i64, Fault> {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if length == SECOND && (1..=3).contains(&fraction.len()) => (whole, fraction),
        Some(_) => return Err(Fault::Form),
        None => (number, "0"),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(Fault::Form);
    }
    let thousandths = format!("{fraction:0<3}").parse::<i64>().map_err(|_| Fault::Form)?;
    // A number that is too long for the type is beyond the bounds.
    let whole = whole.parse::<i64>().unwrap_or(i64::MAX);
    Ok(whole.saturating_mul(length).saturating_add(thousandths))
}

/// Adds the duration in days, hours, minutes and seconds, in quotes.
pub(super) fn write(millis: i64, to: &mut String) {
    to.push_str("\"P");
    let mut rest = millis;
    for (unit, length) in [("D", DAY), ("H", HOUR), ("M", MINUTE)] {
        let count = rest / length;
        if count > 0 {
            let _ = write!(to, "{count}{unit}");
        }
        rest %= length;
        if unit == "D" && rest > 0 {
            to.push('T');
        }
    }
    if rest > 0 {
        let fraction = format!(".{:03}", rest % SECOND);
        let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
        let _ = write!(to, "{}{fraction}S", rest / SECOND);
    }
    to.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_the_sum_of_its_parts() {
        for (text, millis) in [
            ("P7D", 7 * DAY),
            ("P2W", 14 * DAY),
            ("P1W2D", 9 * DAY),
            ("PT36H", 36 * HOUR),
            ("PT1M", MINUTE),
            ("P1DT2H3M4S", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND),
            ("PT0.5S", 500),
            ("PT0.05S", 50),
            ("PT1.001S", 1_001),
            ("P007D", 7 * DAY),
            ("P0DT1S", SECOND),
            ("P3660000D", MAX_DURATION_MILLIS),
        ] {
            assert_eq!(parse(text), Ok(millis), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_durations() {
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "7D",
            "p7d",
            "P7d",
            "P1DT",
            "PT1D",
            "P1H",
            "PD",
            "P-1D",
            "-P1D",
            "P+1D",
            "P1D2W",
            "PT1S1M",
            "P1D1D",
            "P1.5D",
            "PT0,5S",
            "PT.5S",
            "PT1.S",
            "PT0.0001S",
            "PT1.1.1S",
            " P1D",
            "P1D ",
            "P१D",
            "P1DT1H ",
            "PTT1H",
            "P1é",
        ] {
            assert_eq!(parse(text), Err(Fault::Form), "{text}");
        }
        for text in ["P1M", "P1Y", "P1Y2M3D", "P1MT1M", "PY"] {
            assert_eq!(parse(text), Err(Fault::Calendar), "{text}");
        }
        for text in ["P0D", "PT0S", "PT0.000S", "P3660001D", "P3660000DT0.001S", "PT99999999999999999999999S"]
        {
            assert_eq!(parse(text), Err(Fault::Bounds), "{text}");
        }
    }

    #[test]
    fn a_duration_that_is_written_is_read_again() {
        let written = |millis| {
            let mut text = String::new();
            write(millis, &mut text);
            text
        };
        assert_eq!(written(7 * DAY), r#""P7D""#);
        assert_eq!(written(36 * HOUR), r#""P1DT12H""#);
        assert_eq!(written(MINUTE + 1), r#""PT1M0.001S""#);
        assert_eq!(written(10 * SECOND + 500), r#""PT10.5S""#);
        let lengths = [1, 10, SECOND, 90 * SECOND, HOUR, DAY + 1, 100 * DAY + HOUR, MAX_DURATION_MILLIS];
        for millis in lengths.into_iter().flat_map(|length| [length, (length + 7) / 3]) {
            assert_eq!(parse(written(millis).trim_matches('"')), Ok(millis));
        }
    }
}
