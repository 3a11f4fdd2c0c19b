//! The calendar ranges that every kind of query offers.

/// Calls a macro with each of `last_seconds` to `last_years`, its `try_` form and the answer's
/// type.
macro_rules! last_units {
    ($with:ident, $answer:ty) => {
        $with!($answer, last_seconds, try_last_seconds, Seconds, "The current second and the n-1 before it.");
        $with!($answer, last_minutes, try_last_minutes, Minutes, "The current minute and the n-1 before it.");
        $with!($answer, last_hours, try_last_hours, Hours, "The current hour and the n-1 before it.");
        $with!($answer, last_days, try_last_days, Days, "Today so far and the n-1 calendar days before it.");
        $with!(
            $answer,
            last_weeks,
            try_last_weeks,
            Weeks,
            "This week so far, from Monday, and the n-1 weeks before it."
        );
        $with!(
            $answer,
            last_months,
            try_last_months,
            Months,
            "This month so far and the n-1 months before it."
        );
        $with!($answer, last_years, try_last_years, Years, "This year so far and the n-1 years before it.");
    };
}

/// Defines a method that returns a range query, by a method `last(n, unit)` of the type.
macro_rules! range {
    ($answer:ty, $name:ident, $try_name:ident, $unit:ident, $doc:literal) => {
        #[doc = $doc]
        ///
        /// The range reaches no further back than the unit is tracked. With `n` = 0 it has no
        /// buckets. Answers are absent if the unit is not tracked.
        #[inline(always)]
        pub fn $name(self, n: usize) -> $answer {
            self.last(n, TimeUnit::$unit)
        }
    };
}

pub(super) use {last_units, range};
