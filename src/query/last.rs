//! The ranges that every kind of question can be asked about.

/// Writes `last_seconds` to `last_years` and `ever` in terms of a method `last(n, unit)`.
macro_rules! last_units {
    ($answer:ty) => {
        last_units!(@one $answer, last_seconds, Seconds, "The current second and the n-1 before it.");
        last_units!(@one $answer, last_minutes, Minutes, "The current minute and the n-1 before it.");
        last_units!(@one $answer, last_hours, Hours, "The current hour and the n-1 before it.");
        last_units!(@one $answer, last_days, Days, "Today so far and the n-1 calendar days before it.");
        last_units!(@one $answer, last_weeks, Weeks, "This week so far, from Monday, and the n-1 weeks before it.");
        last_units!(@one $answer, last_months, Months, "This month so far and the n-1 months before it.");
        last_units!(@one $answer, last_years, Years, "This year so far and the n-1 years before it.");

        /// All buckets of the longest tracked unit.
        pub fn ever(self) -> $answer {
            self.last(usize::MAX, TimeUnit::Ever)
        }
    };
    (@one $answer:ty, $name:ident, $unit:ident, $doc:literal) => {
        #[doc = $doc]
        pub fn $name(self, n: usize) -> $answer {
            self.last(n, TimeUnit::$unit)
        }
    };
}

pub(super) use last_units;
