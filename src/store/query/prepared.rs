//! A question that was checked once, and is asked again and again.

use std::fmt;
use std::sync::Arc;

use super::answered::Answered;
use crate::error::Result;
use crate::event_id::checked_name;
use crate::query::{Answer, Question};
use crate::store::EventStore;
use crate::store::shared::Shared;

/// A question that is ready to be asked. `EventStore::prepare_question` makes it.
///
/// It may be asked any number of times, from any thread. It allocates nothing for ranges of up to
/// 128 buckets, except the answer to `Measure::Buckets`. It does not keep its store open.
#[derive(Clone)]
pub struct PreparedQuestion {
    shared: Arc<Shared>,
    question: Question,
}

impl EventStore {
    /// Checks a question once, so that it can be asked again and again.
    ///
    /// ```
    /// use tiny_counter::{Answer, EventStore, Question};
    ///
    /// let store = EventStore::new();
    /// let visits = Question::Lifetime { events: vec!["visit".to_owned()] };
    /// let visits = store.prepare_question(visits).unwrap();
    ///
    /// assert_eq!(visits.ask().unwrap(), Answer::Absent);
    /// store.record("visit");
    /// assert_eq!(visits.ask().unwrap(), Answer::Count(1));
    /// ```
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes; `ConfigMismatch` for a time since an
    /// event that is no marker.
    pub fn prepare_question(&self, question: Question) -> Result<PreparedQuestion> {
        question.names().try_for_each(|name| checked_name(name).map(|_| ()))?;
        self.shared.with_memory(|engine| question.check_for(engine.snapshot()))?;
        Ok(PreparedQuestion { shared: Arc::clone(&self.shared), question })
    }
}

impl PreparedQuestion {
    /// The question.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The answer now.
    ///
    /// # Errors
    /// An event that cannot be read: `Unavailable` if trying again can help, `Corrupt` or
    /// `Serialization` for damaged data; `Closed`.
    pub fn ask(&self) -> Result<Answer> {
        self.answer().complete()
    }

    /// As `ask`, but answers from memory if an event cannot be read. `health` then reports that the
    /// storage fails.
    ///
    /// # Errors
    /// `Closed`.
    pub fn ask_memory(&self) -> Result<Answer> {
        self.shared.check_open()?;
        Ok(self.answer().or_memory())
    }

    #[inline]
    fn answer(&self) -> Answered<Answer> {
        self.shared.ask(self.question.names(), |snapshot| self.question.answer(snapshot))
    }
}

impl fmt::Debug for PreparedQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedQuestion").field(&self.question).finish()
    }
}
