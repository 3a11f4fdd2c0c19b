//! Durations in words, for the texts of rules and refusals.

use chrono::Duration;

/// A duration in its two largest units, in words.
pub(super) fn words(duration: Duration) -> String {
    let seconds = duration.num_seconds();
    let parts = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let mut rest = seconds.unsigned_abs();
    let mut parts_in_words = Vec::new();
    for (unit, length) in parts {
        let count = rest / length;
        rest %= length;
        if count > 0 && parts_in_words.len() < 2 {
            parts_in_words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if parts_in_words.is_empty() {
        format!("{} ms", duration.num_milliseconds())
    } else {
        parts_in_words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_in_its_two_largest_units() {
        assert_eq!(words(Duration::seconds(90_061)), "1 day 1 hour");
        assert_eq!(words(Duration::milliseconds(5)), "5 ms");
    }
}
