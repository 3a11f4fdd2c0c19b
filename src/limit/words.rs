//! Durations in words, for the texts of rules and refusals.

use chrono::Duration;

const SECOND: i64 = 1_000;

/// The units, each with its length in milliseconds.
const UNITS: [(&str, i64); 4] =
    [("day", 86_400 * SECOND), ("hour", 3_600 * SECOND), ("minute", 60 * SECOND), ("second", SECOND)];

/// A duration in its largest unit and the next smaller one, in words. It is rounded up, so that who
/// waits for so long does not come too early.
pub(super) fn words(duration: Duration) -> String {
    let millis = duration.num_milliseconds();
    let Some(largest) = UNITS.iter().position(|(_, length)| millis >= *length) else {
        return format!("{millis} ms");
    };
    let smallest = UNITS.get(largest + 1).map_or(SECOND, |(_, length)| *length);
    // Rounding can carry into a larger unit. The smaller ones are then 0.
    let mut rest = millis.saturating_add(smallest - 1) / smallest * smallest;
    let mut parts = Vec::new();
    for (unit, length) in UNITS {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_in_its_two_largest_units() {
        assert_eq!(words(Duration::hours(25)), "1 day 1 hour");
        assert_eq!(words(Duration::days(7)), "7 days");
        assert_eq!(words(Duration::seconds(90)), "1 minute 30 seconds");
        assert_eq!(words(Duration::milliseconds(5)), "5 ms");
        assert_eq!(words(Duration::MAX), "106751991167 days 7 hours");
        assert_eq!(words(Duration::days(-2)), "-172800000 ms");
    }

    #[test]
    fn a_duration_is_rounded_up() {
        assert_eq!(words(Duration::milliseconds(90_000_001)), "1 day 2 hours");
        assert_eq!(words(Duration::milliseconds(86_399_999)), "1 day");
        assert_eq!(words(Duration::milliseconds(86_400_001)), "1 day 1 hour");
        assert_eq!(words(Duration::milliseconds(3_599_001)), "1 hour");
        assert_eq!(words(Duration::milliseconds(1_001)), "2 seconds");
        assert_eq!(words(Duration::milliseconds(59_001)), "1 minute");
    }
}
