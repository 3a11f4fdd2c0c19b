//! Durations in words, for the texts of rules and refusals.

use chrono::Duration;

const SECOND: i64 = 1_000;

/// The units, each with its length in milliseconds.
const UNITS: [(&str, i64); 4] =
    [("day", 86_400 * SECOND), ("hour", 3_600 * SECOND), ("minute", 60 * SECOND), ("second", SECOND)];

/// A duration of a rule in words.
pub(super) fn exact(duration: Duration) -> String {
    words(duration.num_milliseconds())
}

/// A wait in words, in its largest unit and the next smaller one. It is rounded up, because the
/// rule does not pass earlier.
pub(super) fn rounded_up(wait: Duration) -> String {
    let millis = wait.num_milliseconds();
    let Some(largest) = UNITS.iter().position(|(_, length)| millis >= *length) else {
        return words(millis);
    };
    let smallest = UNITS.get(largest + 1).map_or(SECOND, |(_, length)| *length);
    // Rounding can carry into a larger unit. The smaller ones are then 0.
    words(millis.saturating_add(smallest - 1) / smallest * smallest)
}

fn words(millis: i64) -> String {
    if millis < SECOND {
        return format!("{millis} ms");
    }
    let mut rest = millis;
    let mut parts = Vec::new();
    for (unit, length) in UNITS {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if rest > 0 {
        parts.push(format!("{rest} ms"));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_reads_in_its_two_largest_units() {
        assert_eq!(rounded_up(Duration::hours(25)), "1 day 1 hour");
        assert_eq!(rounded_up(Duration::days(7)), "7 days");
        assert_eq!(rounded_up(Duration::seconds(90)), "1 minute 30 seconds");
        assert_eq!(rounded_up(Duration::milliseconds(5)), "5 ms");
        assert_eq!(rounded_up(Duration::MAX), "106751991167 days 7 hours");
        assert_eq!(rounded_up(Duration::days(-2)), "-172800000 ms");
    }

    #[test]
    fn a_wait_is_rounded_up() {
        assert_eq!(rounded_up(Duration::milliseconds(90_000_001)), "1 day 2 hours");
        assert_eq!(rounded_up(Duration::milliseconds(86_399_999)), "1 day");
        assert_eq!(rounded_up(Duration::milliseconds(86_400_001)), "1 day 1 hour");
        assert_eq!(rounded_up(Duration::milliseconds(3_599_001)), "1 hour");
        assert_eq!(rounded_up(Duration::milliseconds(1_001)), "2 seconds");
        assert_eq!(rounded_up(Duration::milliseconds(59_001)), "1 minute");
    }

    #[test]
    fn a_duration_of_a_rule_is_not_rounded() {
        assert_eq!(exact(Duration::days(7)), "7 days");
        assert_eq!(exact(Duration::milliseconds(90_000_001)), "1 day 1 hour 1 ms");
        assert_eq!(exact(Duration::milliseconds(1_001)), "1 second 1 ms");
        assert_eq!(exact(Duration::milliseconds(999)), "999 ms");
        assert_eq!(exact(Duration::minutes(1_530)), "1 day 1 hour 30 minutes");
        assert_eq!(exact(Duration::days(-2)), "-172800000 ms");
    }
}
