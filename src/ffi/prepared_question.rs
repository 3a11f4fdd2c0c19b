//! Questions that are checked once and asked again and again.

use std::sync::Arc;

use super::direct::{Number, Numbered};
use super::error::EventStoreError;
use super::query::Answer;
use super::question::Question;
use super::store::EventStore;

/// A question that can be asked any number of times, from any thread. It does not keep its store
/// open: once the store is closed or released, asking fails with `Closed`.
#[derive(Debug, uniffi::Object)]
pub struct PreparedQuestion {
    core: Arc<crate::PreparedQuestion>,
    number: Number,
}

#[uniffi::export]
impl EventStore {
    /// Makes a question ready to be asked.
    ///
    /// Fails with `InvalidArgument` for a negative number of units or a negative duration, for a
    /// duration of more than 10,000 years, and for a name of more than 1,024 bytes of UTF-8.
    pub fn prepare_question(&self, question: Question) -> Result<Arc<PreparedQuestion>, EventStoreError> {
        let core = Arc::new(self.core.prepare_question(question.try_into()?)?);
        let number = Number::of(Numbered::Question(core.clone()));
        Ok(Arc::new(PreparedQuestion { core, number }))
    }
}

#[uniffi::export]
impl PreparedQuestion {
    /// The number that the symbols `tiny_counter_integer`, `tiny_counter_float` and
    /// `tiny_counter_buckets` take. It is valid as long as this object exists.
    pub fn number(&self) -> i64 {
        self.number.0
    }

    /// The answer now. If the storage cannot be read, it comes from memory and `health` reports it.
    ///
    /// Fails with `Closed`.
    pub fn ask(&self) -> Result<Answer, EventStoreError> {
        Ok(self.core.ask_memory()?.into())
    }
}
