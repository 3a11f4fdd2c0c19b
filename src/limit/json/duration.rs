//! ISO 8601 durations of a fixed length.

use chrono::Duration;

use crate::time::instant::{DAY, HOUR, MINUTE, SECOND};

/// What is expected of a duration.
pub(super) const EXPECTED: &str = "a duration of a fixed length like \"P7D\", \"PT36H\" or \"PT0.5S\"";

/// Reads a duration: weeks, or days, hours, minutes and seconds with up to three decimals. A day
/// has 24 hours.
///
/// # Errors
/// What was expected instead.
pub(super) fn parse(text: &str) -> Result<Duration, &'static str> {
    let rest = text.strip_prefix('P').ok_or(EXPECTED)?;
    let (date, time) = rest.split_once('T').map_or((rest, None), |(date, time)| (date, Some(time)));
    if date.contains(['Y', 'M']) {
        return Err("a duration of a fixed length; for months and years use a calendar count like \
                    { \"months\": 1 }");
    }
    if time.is_some_and(str::is_empty) || (date.is_empty() && time.is_none()) {
        return Err(EXPECTED);
    }
    let mut millis = 0i64;
    let weeks = date.ends_with('W') && time.is_none();
    let units: &[(char, i64)] = if weeks { &[('W', 7 * DAY)] } else { &[('D', DAY)] };
    let parts = [(date, units), (time.unwrap_or(""), &[('H', HOUR), ('M', MINUTE), ('S', SECOND)])];
    for (mut text, units) in parts {
        for (letter, length) in units {
            let Some((number, rest)) = text.split_once(*letter) else { continue };
            let part = part(number, *length, *letter == 'S').ok_or(EXPECTED)?;
            millis = millis.checked_add(part).ok_or("a shorter duration")?;
            text = rest;
        }
        if !text.is_empty() {
            return Err(EXPECTED);
        }
    }
    Duration::try_milliseconds(millis).ok_or("a shorter duration")
}

/// The milliseconds of a number of units.
fn part(number: &str, length: i64, with_decimals: bool) -> Option<i64> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let is_valid = is_digits(whole) && is_digits(decimals) && decimals.len() <= 3;
    if !is_valid || (number.contains('.') && !with_decimals) {
        return None;
    }
    let millis = format!("{decimals:0<3}").parse::<i64>().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(length)?.checked_add(millis)
}

/// Writes a duration.
pub(super) fn text(duration: Duration) -> String {
    let millis = duration.num_milliseconds();
    let mut text = "P".to_owned();
    let (days, mut rest) = (millis / DAY, millis % DAY);
    if days > 0 {
        text += &format!("{days}D");
    }
    if rest > 0 {
        text.push('T');
    }
    for (letter, length) in [('H', HOUR), ('M', MINUTE)] {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            text += &format!("{count}{letter}");
        }
    }
    match (rest / SECOND, rest % SECOND) {
        (0, 0) => {}
        (seconds, 0) => text += &format!("{seconds}S"),
        (seconds, millis) => text += &format!("{seconds}.{millis:03}S"),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_a_fixed_length_are_read_and_come_back() {
        let same = [("P7D", 7 * DAY), ("PT36H", 36 * HOUR), ("PT1H30M", 90 * MINUTE), ("PT0.5S", 500)];
        let others = [("P2W", 14 * DAY), ("P1DT2H3M4.056S", DAY + 2 * HOUR + 3 * MINUTE + 4_056), ("P0D", 0)];
        for (written, millis) in same.into_iter().chain(others) {
            let read = parse(written).unwrap();
            assert_eq!(read.num_milliseconds(), millis, "{written}");
            assert!(millis == 0 || parse(&text(read)) == Ok(read), "{written}");
        }
        assert_eq!(text(Duration::milliseconds(DAY + 90_500)), "P1DT1M30.500S");
    }

    #[test]
    fn other_durations_say_what_was_expected() {
        for written in [
            "",
            "P",
            "PT",
            "7D",
            "P7",
            "PD",
            "P-1D",
            "P1.5D",
            "PT1S1H",
            "P1WT1H",
            "PT1.0005S",
            "P1H",
            "P 1D",
            "p7d",
        ] {
            assert_eq!(parse(written), Err(EXPECTED), "{written}");
        }
        for written in ["P1M", "P1Y", "P1Y2D"] {
            assert!(parse(written).is_err_and(|expected| expected.contains("calendar count")), "{written}");
        }
        assert_eq!(parse("P99999999999999D"), Err(EXPECTED), "too long for a number");
        assert_eq!(parse("P100000000000DT99999999999999H"), Err(EXPECTED));
    }
}
