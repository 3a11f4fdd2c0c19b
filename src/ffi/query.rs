//! Answers to any number of questions at one instant.

use super::checked;
use super::error::EventStoreError;
use super::explanation::CountBounds;
use super::question::Question;
use super::schedule::CalendarDate;
use super::store::EventStore;

/// The answer to a question. The question documents which variant it is.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Answer {
    /// There is no answer. The question documents when.
    Absent,
    /// Yes or no.
    Flag {
        /// Whether it is so.
        value: bool,
    },
    /// A count, 0 or more.
    Count {
        /// The count.
        value: i64,
    },
    /// An average or a ratio.
    Number {
        /// The number.
        value: f64,
    },
    /// How long ago an event happened.
    Ago {
        /// The time since then in milliseconds, 0 or more.
        millis: i64,
    },
    /// When an event happened.
    Date {
        /// The instant in milliseconds since the Unix epoch, not after now.
        unix_millis: i64,
    },
    /// A difference of two counts.
    Difference {
        /// The difference, negative if the second event has the larger count.
        value: i64,
    },
    /// The count of every bucket.
    Buckets {
        /// The counts, newest first.
        values: Vec<i64>,
    },
    /// The count of every bucket and the date on which it begins.
    Dated {
        /// The counts, oldest first.
        values: Vec<DatedCount>,
    },
    /// The bounds of a count.
    Bounds {
        /// The bounds.
        bounds: CountBounds,
    },
}

/// The count of a bucket.
#[derive(Debug, Clone, uniffi::Record)]
pub struct DatedCount {
    /// The local date on which the bucket begins: the day, a Monday, or the first day of a month or
    /// a year.
    pub date: CalendarDate,
    /// The count, 0 or more.
    pub count: i64,
}

#[uniffi::export]
impl EventStore {
    /// Answers questions. All answers are for the same instant, and in the order of the questions.
    ///
    /// If the storage cannot be read, the answers come from memory and `health` reports it.
    ///
    /// Fails with `InvalidArgument` for a negative number of units or a negative duration, and for
    /// a duration of more than 10,000 years; with `Closed`.
    pub fn query(&self, questions: Vec<Question>) -> Result<Vec<Answer>, EventStoreError> {
        let questions: Result<Vec<_>, _> = questions.into_iter().map(crate::Question::try_from).collect();
        Ok(self.core.ask_memory(&questions?)?.into_iter().map(Answer::from).collect())
    }
}

impl From<crate::Answer> for Answer {
    fn from(answer: crate::Answer) -> Self {
        match answer {
            crate::Answer::Absent => Self::Absent,
            crate::Answer::Flag(value) => Self::Flag { value },
            crate::Answer::Count(count) => Self::Count { value: checked::signed(count) },
            crate::Answer::Number(value) => Self::Number { value },
            crate::Answer::Ago(ago) => Self::Ago { millis: ago.num_milliseconds() },
            crate::Answer::Date(at) => Self::Date { unix_millis: at.timestamp_millis() },
            crate::Answer::Difference(value) => Self::Difference { value },
            crate::Answer::Bounds(bounds) => Self::Bounds { bounds: bounds.into() },
            crate::Answer::Dated(counts) => {
                Self::Dated { values: counts.into_iter().map(DatedCount::from).collect() }
            }
            crate::Answer::Buckets(counts) => {
                Self::Buckets { values: counts.into_iter().map(checked::signed).collect() }
            }
        }
    }
}

impl From<crate::DatedCount> for DatedCount {
    fn from(counted: crate::DatedCount) -> Self {
        DatedCount { date: counted.date.into(), count: checked::signed(counted.count) }
    }
}
