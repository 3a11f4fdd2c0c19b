//! The words of rule documents.

use crate::time::unit::TimeUnit;
use chrono::Weekday;

/// The newest version of the form that can be read, and the one that is written.
pub(super) const VERSION: u32 = 1;

/// The words that say what a rule is. A rule has one of them.
pub(super) const RULES: [&str; 9] =
    ["at_most", "at_least", "cooldown", "happened_within", "during", "outside_of", "all", "any", "none"];

/// The units of calendar counts.
pub(super) const UNITS: [(&str, TimeUnit); 7] = [
    ("seconds", TimeUnit::Seconds),
    ("minutes", TimeUnit::Minutes),
    ("hours", TimeUnit::Hours),
    ("days", TimeUnit::Days),
    ("weeks", TimeUnit::Weeks),
    ("months", TimeUnit::Months),
    ("years", TimeUnit::Years),
];

/// The days of the week.
pub(super) const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// What a word of a table stands for.
pub(super) fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// The word of a table that stands for a value.
pub(super) fn word_for<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}
