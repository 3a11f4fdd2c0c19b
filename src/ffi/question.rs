//! What can be asked.

use super::error::EventStoreError;
use super::types::TimeUnit;
use crate::{QueryRange as CoreRange, checked};

/// Which buckets a question is about.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum QueryRange {
    /// Buckets of a unit, counted back from the current one. A range reaches no further back than its unit is tracked.
    Units {
        /// The unit.
        unit: TimeUnit,
        /// The newest bucket: 0 for the current one, 1 for the one before it.
        from: i64,
        /// The bucket before which the range ends, counted as `from` is: 0 to 7 days are today and the six days before it.
        to: i64,
    },
    /// The last so much of time: every bucket that it touches, of the finest tracked unit that spans it.
    Rolling {
        /// How long, in milliseconds, 0 or more.
        millis: i64,
    },
}

/// What is asked of the buckets of a range.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum Measure {
    /// The sum: a `Count`.
    Total,
    /// The sum divided by the number of buckets, as far as they are tracked: a `Number`.
    Average,
    /// The sum divided by the number of buckets that are not empty: a `Number`, absent if all are.
    AverageNonzero,
    /// The number of buckets that are not empty: a `Count`.
    CountNonzero,
    /// The place of the newest bucket that is not empty, 0 for the newest of the range: a `Count`, absent if all are.
    Newest,
    /// The place of the oldest bucket that is not empty, 0 for the newest of the range: a `Count`, absent if all are.
    Oldest,
    /// The count of every bucket, newest first: `Buckets`.
    Buckets,
}

/// A question. Several events are read as one: their counts are added up, and an event that is named twice counts twice.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Question {
    /// What was counted in some buckets. Absent if none of the events is known or the unit is not tracked.
    Counts {
        /// The events, read as one.
        events: Vec<String>,
        /// The buckets.
        range: QueryRange,
        /// What is asked of them.
        measure: Measure,
    },
    /// How long ago the last of the events happened: `Ago`, absent if none did.
    LastSeen {
        /// The events, read as one.
        events: Vec<String>,
    },
    /// How long ago the first of the events happened: `Ago`, absent if none did.
    FirstSeen {
        /// The events, read as one.
        events: Vec<String>,
    },
    /// How often the events happened in all: a `Count`, absent if none is known.
    Lifetime {
        /// The events, read as one.
        events: Vec<String>,
    },
    /// The first event's count divided by the second's: a `Number`, absent if one of them is not known or the second's is 0.
    Ratio {
        /// The event that is divided.
        numerator: String,
        /// The event that divides it.
        denominator: String,
        /// The buckets.
        range: QueryRange,
    },
    /// The first event's count less the second's: a `Difference`. An event that is not known counts 0.
    Delta {
        /// The event that adds.
        positive: String,
        /// The event that takes away.
        negative: String,
        /// The buckets.
        range: QueryRange,
    },
    /// The difference divided by the number of buckets: a `Number`.
    DeltaAverage {
        /// The event that adds.
        positive: String,
        /// The event that takes away.
        negative: String,
        /// The buckets.
        range: QueryRange,
    },
}

impl TryFrom<Question> for crate::Question {
    type Error = EventStoreError;

    fn try_from(question: Question) -> Result<Self, EventStoreError> {
        Ok(match question {
            Question::Counts { events, range, measure } => {
                Self::Counts { events, range: range.try_into()?, measure: measure.into() }
            }
            Question::LastSeen { events } => Self::LastSeen { events },
            Question::FirstSeen { events } => Self::FirstSeen { events },
            Question::Lifetime { events } => Self::Lifetime { events },
            Question::Ratio { numerator, denominator, range } => {
                Self::Ratio { numerator, denominator, range: range.try_into()? }
            }
            Question::Delta { positive, negative, range } => {
                Self::Delta { positive, negative, range: range.try_into()? }
            }
            Question::DeltaAverage { positive, negative, range } => {
                Self::DeltaAverage { positive, negative, range: range.try_into()? }
            }
        })
    }
}

impl TryFrom<QueryRange> for CoreRange {
    type Error = EventStoreError;

    fn try_from(range: QueryRange) -> Result<Self, EventStoreError> {
        Ok(match range {
            QueryRange::Units { unit, from, to } => {
                Self::Units(unit.into(), checked::units(from)?..checked::units(to)?)
            }
            QueryRange::Rolling { millis } => Self::Rolling(checked::length(millis)?),
        })
    }
}

impl From<Measure> for crate::Measure {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Total => Self::Total,
            Measure::Average => Self::Average,
            Measure::AverageNonzero => Self::AverageNonzero,
            Measure::CountNonzero => Self::CountNonzero,
            Measure::Newest => Self::Newest,
            Measure::Oldest => Self::Oldest,
            Measure::Buckets => Self::Buckets,
        }
    }
}
