//! Any number of questions, answered at one instant.

use super::answered::Answered;
use crate::error::Result;
use crate::query::{Answer, Question};
use crate::store::EventStore;

impl EventStore {
    /// Answers questions, all at one instant and in their order.
    ///
    /// ```
    /// use tiny_counter::{Answer, EventStore, Measure, QueryRange, Question, TimeUnit};
    ///
    /// let store = EventStore::new();
    /// store.record_count("visit", 3);
    /// let week = QueryRange::Units(TimeUnit::Days, 0..7);
    /// let events = vec!["visit".to_owned()];
    /// let answers = store.ask(&[
    ///     Question::Counts { events: events.clone(), range: week, measure: Measure::Total },
    ///     Question::Lifetime { events },
    /// ]);
    /// assert_eq!(answers.unwrap(), [Answer::Count(3), Answer::Count(3)]);
    /// ```
    ///
    /// # Errors
    /// An event that cannot be read: `Unavailable` if trying again can help, `Corrupt` or
    /// `Serialization` for damaged data; `ConfigMismatch` for a time since an event that is no
    /// marker; `Closed`.
    pub fn ask(&self, questions: &[Question]) -> Result<Vec<Answer>> {
        self.answers(questions)?.complete()
    }

    /// As `ask`, but answers from memory if an event cannot be read. `health` then reports that the
    /// storage fails.
    ///
    /// # Errors
    /// `ConfigMismatch` for a time since an event that is no marker; `Closed`.
    pub fn ask_memory(&self, questions: &[Question]) -> Result<Vec<Answer>> {
        self.shared.check_open()?;
        Ok(self.answers(questions)?.or_memory())
    }

    fn answers(&self, questions: &[Question]) -> Result<Answered<Vec<Answer>>> {
        let answered = self.shared.ask(questions.iter().flat_map(Question::names), |snapshot| {
            questions.iter().try_for_each(|question| question.check_for(snapshot))?;
            Ok(questions.iter().map(|question| question.answer(snapshot)).collect())
        });
        let Answered { answer, read_error } = answered;
        answer.map(|answer| Answered { answer, read_error })
    }
}
