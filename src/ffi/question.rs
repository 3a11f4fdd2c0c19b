//! Questions about events.

use super::checked;
use super::error::EventStoreError;
use super::types::TimeUnit;
use crate::QueryRange as CoreRange;

/// The buckets that a question is about.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum QueryRange {
    /// Buckets of a unit, counted back from the current one. The range reaches no further back than
    /// its unit is tracked.
    Units {
        /// The unit. `Ever` is the longest tracked unit.
        unit: TimeUnit,
        /// The newest bucket: 0 for the current one, 1 for the one before it. 0 or more.
        from: i64,
        /// The number after the oldest bucket, counted as `from` is: 0 to 7 days are today and the
        /// six days before it. 0 or more.
        to: i64,
    },
    /// Every bucket that the last `millis` milliseconds touch, of the finest tracked unit that
    /// reaches back that far. A unit reaches back over one bucket less than twice the tracked ones.
    /// The counts of the oldest buckets are raised or lowered until their sum lies within the
    /// bounds of the window.
    Rolling {
        /// The duration in milliseconds: 0 or more, at most 10,000 years. A range of 0 has no
        /// buckets.
        millis: i64,
    },
}

/// What is computed from the buckets of a range.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum Measure {
    /// The sum: a `Count`.
    Total,
    /// The sum divided by the number of buckets of the range: a `Number`, 0 for no buckets. A
    /// calendar range ends at the tracked buckets.
    Average,
    /// The sum divided by the number of buckets with counts: a `Number`, absent if there are none.
    AverageNonzero,
    /// The number of buckets with counts: a `Count`.
    CountNonzero,
    /// The index in the range, 0 for its newest bucket, of the newest bucket with counts: a
    /// `Count`, absent if there is none.
    Newest,
    /// The index in the range, 0 for its newest bucket, of the oldest bucket with counts: a
    /// `Count`, absent if there is none.
    Oldest,
    /// The count of every bucket, newest first: `Buckets`.
    Buckets,
    /// The count of every bucket and the date on which it begins, oldest first: `Dated`. It is
    /// empty for units that are shorter than a day.
    BucketsByDate,
}

/// A question about events. The counts of several events are added up; an event that is named twice
/// counts twice.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Question {
    /// A measure of the counts in some buckets. Absent if no event is known, if the unit is not
    /// tracked, or if no tracked unit reaches back over a rolling range.
    Counts {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The buckets.
        range: QueryRange,
        /// What is computed from them.
        measure: Measure,
    },
    /// The least and the greatest number of times that the events can have happened in some
    /// buckets, also in those that are not kept: `Bounds`, absent if no event is known. They are
    /// equal if every count of the range is known. After a loss of stored counts in the range, the
    /// greatest number is the greatest possible one.
    Bounds {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The buckets.
        range: QueryRange,
    },
    /// Whether the sum is exactly how often the events happened in some buckets: a `Flag`. If it is
    /// not, the range reaches back further than is tracked, a rolling window begins inside a
    /// bucket, or counts are not known. False if no event is known.
    IsComplete {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The buckets.
        range: QueryRange,
    },
    /// How long ago the latest of the events happened: an `Ago`, absent if none happened.
    LastSeen {
        /// The events. The latest of them answers.
        events: Vec<String>,
    },
    /// How long ago the earliest of the events happened: an `Ago`, absent if none happened.
    FirstSeen {
        /// The events. The earliest of them answers.
        events: Vec<String>,
    },
    /// When the latest of the events happened: a `Date`, absent if none happened.
    LastDate {
        /// The events. The latest of them answers.
        events: Vec<String>,
    },
    /// When the earliest of the events happened: a `Date`, absent if none happened.
    FirstDate {
        /// The events. The earliest of them answers.
        events: Vec<String>,
    },
    /// How often the events ever happened: a `Count`, absent if no event is known.
    Lifetime {
        /// The events whose counts are added up.
        events: Vec<String>,
    },
    /// How often the events happened since the latest recording of a marker: a `Count`, absent if
    /// no event is known. If that is not exactly known, it is the greatest possible number, losses
    /// left aside. If the event is not a marker of the store, asking fails with `InvalidArgument`.
    Since {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The marker.
        marker: String,
    },
    /// The least and the greatest number of times that the events can have happened since the
    /// latest recording of a marker: `Bounds`, absent if no event is known. They are equal if this
    /// device recorded the marker last, as it happened, and only this device counted the events.
    /// After a loss of stored counts they are 0 and the greatest number. If the event is not a
    /// marker of the store, asking fails with `InvalidArgument`.
    SinceBounds {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The marker.
        marker: String,
    },
    /// The first event's count divided by the second's: a `Number`, absent if one of them is not
    /// known, if the unit is not tracked, if no tracked unit reaches back over a rolling range, or
    /// if the second count is 0.
    Ratio {
        /// The event whose count is divided.
        numerator: String,
        /// The event by whose count it is divided.
        denominator: String,
        /// The buckets.
        range: QueryRange,
    },
    /// The first event's count minus the second's: a `Difference`. An event that is not known
    /// counts 0. The difference is 0 if the unit is not tracked, or if no tracked unit reaches back
    /// over a rolling range.
    Delta {
        /// The event whose count is added.
        positive: String,
        /// The event whose count is subtracted.
        negative: String,
        /// The buckets.
        range: QueryRange,
    },
    /// The difference divided by the number of buckets of the range: a `Number`, 0 for no buckets.
    /// A calendar range ends at the tracked buckets.
    DeltaAverage {
        /// The event whose count is added.
        positive: String,
        /// The event whose count is subtracted.
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
            Question::Bounds { events, range } => Self::Bounds { events, range: range.try_into()? },
            Question::IsComplete { events, range } => Self::IsComplete { events, range: range.try_into()? },
            Question::LastSeen { events } => Self::LastSeen { events },
            Question::FirstSeen { events } => Self::FirstSeen { events },
            Question::LastDate { events } => Self::LastDate { events },
            Question::FirstDate { events } => Self::FirstDate { events },
            Question::Lifetime { events } => Self::Lifetime { events },
            Question::Since { events, marker } => Self::Since { events, marker },
            Question::SinceBounds { events, marker } => Self::SinceBounds { events, marker },
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
            QueryRange::Rolling { millis } => Self::Rolling(checked::duration(millis)?),
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
            Measure::BucketsByDate => Self::BucketsByDate,
        }
    }
}
