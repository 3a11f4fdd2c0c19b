//! Answers, to any number of questions at one instant.

use super::error::EventStoreError;
use super::question::Question;
use super::store::EventStore;
use crate::checked;

/// The answer to a question, which says of what kind it is.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Answer {
    /// There is none; the question says when that is so.
    Absent,
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
    /// How long ago.
    Ago {
        /// Milliseconds, 0 or more.
        millis: i64,
    },
    /// A difference of counts.
    Difference {
        /// The difference, negative if the second event has the larger count.
        value: i64,
    },
    /// A count for every bucket.
    Buckets {
        /// The counts, newest first.
        values: Vec<i64>,
    },
}

#[uniffi::export]
impl EventStore {
    /// Answers questions, all at one instant and in their order.
    ///
    /// Where the storage cannot be read the answers come from memory, and `health` says so. Fails with `InvalidArgument` for a negative
    /// number or length of time, and with `Closed`.
    pub fn query(&self, questions: Vec<Question>) -> Result<Vec<Answer>, EventStoreError> {
        let questions: Result<Vec<_>, _> = questions.into_iter().map(crate::Question::try_from).collect();
        Ok(self.core.ask_memory(&questions?)?.into_iter().map(Answer::from).collect())
    }
}

impl From<crate::Answer> for Answer {
    fn from(answer: crate::Answer) -> Self {
        match answer {
            crate::Answer::Absent => Self::Absent,
            crate::Answer::Count(count) => Self::Count { value: checked::signed(count) },
            crate::Answer::Number(value) => Self::Number { value },
            crate::Answer::Ago(ago) => Self::Ago { millis: ago.num_milliseconds() },
            crate::Answer::Difference(value) => Self::Difference { value },
            crate::Answer::Buckets(counts) => {
                Self::Buckets { values: counts.into_iter().map(checked::signed).collect() }
            }
        }
    }
}
