//! Questions as plain data, any number of them read at one instant.

use chrono::Duration;

use super::answered::Answered;
use super::average::{quotient, signed_quotient};
use super::delta::difference;
use super::range::each;
use super::span::{Buckets, Span};
use crate::counter::reading::{Doubt, Reading};
use crate::error::Result;
use crate::store::EventStore;
use crate::store::state::State;
use crate::time::instant;

/// A question as plain data, for `EventStore::ask`. Several events are read as one: their counts are added up, and an event that is named
/// twice counts twice.
#[derive(Debug, Clone)]
pub enum Question {
    /// What was counted in some buckets.
    Counts {
        /// The events, read as one.
        events: Vec<String>,
        /// The buckets.
        range: Span,
        /// What is asked of them.
        measure: Measure,
    },
    /// How long ago the last of the events happened: `Answer::Ago`.
    LastSeen {
        /// The events, read as one.
        events: Vec<String>,
    },
    /// How long ago the first of the events happened: `Answer::Ago`.
    FirstSeen {
        /// The events, read as one.
        events: Vec<String>,
    },
    /// How often the events happened in all: `Answer::Count`.
    Lifetime {
        /// The events, read as one.
        events: Vec<String>,
    },
    /// The first event's count divided by the second's: `Answer::Number`; absent if one of them is not known or the second's is 0.
    Ratio {
        /// The event that is divided.
        numerator: String,
        /// The event that divides it.
        denominator: String,
        /// The buckets.
        range: Span,
    },
    /// The first event's count less the second's: `Answer::Difference`. An event that is not known counts 0.
    Delta {
        /// The event that adds.
        positive: String,
        /// The event that takes away.
        negative: String,
        /// The buckets.
        range: Span,
    },
    /// The difference divided by the number of buckets: `Answer::Number`.
    DeltaAverage {
        /// The event that adds.
        positive: String,
        /// The event that takes away.
        negative: String,
        /// The buckets.
        range: Span,
    },
}

/// What is asked of the buckets of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The sum: `Answer::Count`.
    Total,
    /// The sum divided by the number of buckets, as far as they are tracked: `Answer::Number`.
    Average,
    /// The sum divided by the number of buckets that are not empty: `Answer::Number`; absent if all are.
    AverageNonzero,
    /// The number of buckets that are not empty: `Answer::Count`.
    CountNonzero,
    /// The place of the newest bucket that is not empty, 0 for the newest of the range: `Answer::Count`; absent if all are.
    Newest,
    /// The place of the oldest bucket that is not empty, 0 for the newest of the range: `Answer::Count`; absent if all are.
    Oldest,
    /// The count of every bucket, newest first: `Answer::Buckets`.
    Buckets,
}

/// The answer to a `Question`, which says of what kind it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// There is none: no such event is known, its unit is not tracked, or what the question says.
    Absent,
    /// A count.
    Count(u64),
    /// An average or a ratio.
    Number(f64),
    /// How long ago, never negative.
    Ago(Duration),
    /// A difference of counts, held to 64 bits.
    Difference(i64),
    /// A count for every bucket, newest first.
    Buckets(Vec<u64>),
}

impl EventStore {
    /// Answers questions, all at one instant and in their order. Where the storage cannot be read the answers come from memory, as
    /// those of `query` do.
    ///
    /// ```
    /// use tiny_counter::{Answer, EventStore, Measure, Question, Span, TimeUnit};
    ///
    /// let store = EventStore::new();
    /// store.record_count("visit", 3);
    /// let week = Span::Units(TimeUnit::Days, 0..7);
    /// let events = vec!["visit".to_owned()];
    /// let answers = store.ask(&[
    ///     Question::Counts { events: events.clone(), range: week, measure: Measure::Total },
    ///     Question::Lifetime { events },
    /// ]);
    /// assert_eq!(answers.unwrap(), [Answer::Count(3), Answer::Count(3)]);
    /// ```
    ///
    /// # Errors
    /// What hinders reading the events: `Unavailable` where it can be tried again, `Corrupt` or `Serialization` for what is damaged, `Closed`.
    pub fn ask(&self, questions: &[Question]) -> Result<Vec<Answer>> {
        self.answers(questions).whole()
    }

    /// As `ask`, answering from memory alone where the storage cannot be read; `health` then says so.
    ///
    /// # Errors
    /// `Closed`.
    pub fn ask_memory(&self, questions: &[Question]) -> Result<Vec<Answer>> {
        self.inner.check_open()?;
        Ok(self.answers(questions).or_memory())
    }

    fn answers(&self, questions: &[Question]) -> Answered<Vec<Answer>> {
        let names: Vec<&str> = questions.iter().flat_map(Question::names).collect();
        self.inner.ask(names.iter().copied(), |state| {
            let scene = Scene { state };
            questions.iter().map(|question| scene.answer(question).unwrap_or(Answer::Absent)).collect()
        })
    }
}

impl Question {
    fn names(&self) -> Vec<&str> {
        match self {
            Question::Counts { events, .. }
            | Question::LastSeen { events }
            | Question::FirstSeen { events }
            | Question::Lifetime { events } => events.iter().map(String::as_str).collect(),
            Question::Ratio { numerator: one, denominator: other, .. }
            | Question::Delta { positive: one, negative: other, .. }
            | Question::DeltaAverage { positive: one, negative: other, .. } => vec![one, other],
        }
    }
}

/// Everything at one instant.
struct Scene<'a> {
    state: &'a State,
}

impl Scene<'_> {
    fn answer(&self, question: &Question) -> Option<Answer> {
        Some(match question {
            Question::Counts { events, range, measure } => {
                measured(&self.known(events)?, &self.resolve(range)?, *measure)?
            }
            Question::LastSeen { events } => {
                let zone = &self.state.present.zone;
                let last = |reading: &Reading<'_>| reading.last_seen(Doubt::Counts, zone);
                self.ago(self.known(events)?.iter().filter_map(last).max()?)
            }
            Question::FirstSeen { events } => {
                self.ago(self.known(events)?.iter().filter_map(Reading::first_seen).min()?)
            }
            Question::Lifetime { events } => {
                let counts = self.known(events)?.into_iter().map(|reading| reading.lifetime());
                Answer::Count(counts.fold(0, u64::saturating_add))
            }
            Question::Ratio { numerator, denominator, range } => {
                let [numerator, denominator] = self.sums([numerator, denominator], &self.resolve(range)?);
                Answer::Number(quotient(numerator?, denominator.filter(|count| *count > 0)?))
            }
            Question::Delta { positive, negative, range } => {
                let sums = self.resolve(range).map(|buckets| self.sums([positive, negative], &buckets));
                Answer::Difference(difference(&sums.unwrap_or_default()))
            }
            Question::DeltaAverage { positive, negative, range } => {
                let buckets = self.resolve(range);
                let sums = buckets.as_ref().map(|buckets| self.sums([positive, negative], buckets));
                let len = buckets.map_or(0, |buckets| buckets.len());
                Answer::Number(signed_quotient(difference(&sums.unwrap_or_default()), len))
            }
        })
    }

    /// The events that are known; nothing if none of them is.
    fn known(&self, events: &[String]) -> Option<Vec<Reading<'_>>> {
        let known: Vec<_> = events.iter().filter_map(|name| self.state.reading(name)).collect();
        (!known.is_empty()).then_some(known)
    }

    fn resolve(&self, range: &Span) -> Option<Buckets> {
        range.resolve(&self.state.present.tracking, &self.state.present.view, &self.state.present.zone)
    }

    fn sums(&self, events: [&String; 2], buckets: &Buckets) -> [Option<u64>; 2] {
        events.map(|name| {
            let reading = self.state.reading(name)?;
            Some(reading.sum(buckets.unit, Doubt::Counts, buckets.back.clone()))
        })
    }

    fn ago(&self, then: i64) -> Answer {
        Answer::Ago(instant::since(self.state.present.view.now, then))
    }
}

fn measured(readings: &[Reading<'_>], buckets: &Buckets, measure: Measure) -> Option<Answer> {
    let sum = || {
        let sums =
            readings.iter().map(|reading| reading.sum(buckets.unit, Doubt::Counts, buckets.back.clone()));
        sums.fold(0, u64::saturating_add)
    };
    let place = |place: usize| Answer::Count(u64::try_from(place).unwrap_or(u64::MAX));
    Some(match measure {
        Measure::Total => Answer::Count(sum()),
        Measure::Average => Answer::Number(quotient(sum(), buckets.len())),
        Measure::AverageNonzero => {
            let full = full(&added_up(readings, buckets));
            Answer::Number((full > 0).then(|| quotient(sum(), full))?)
        }
        Measure::CountNonzero => Answer::Count(full(&added_up(readings, buckets))),
        Measure::Newest => place(added_up(readings, buckets).iter().position(|count| *count > 0)?),
        Measure::Oldest => place(added_up(readings, buckets).iter().rposition(|count| *count > 0)?),
        Measure::Buckets => Answer::Buckets(added_up(readings, buckets)),
    })
}

/// The counts bucket by bucket, newest first, over all events.
fn added_up(readings: &[Reading<'_>], buckets: &Buckets) -> Vec<u64> {
    let mut counts = readings.iter().map(|reading| each(*reading, buckets.clone()));
    let first = counts.next().unwrap_or_default();
    counts.fold(first, |sums, counts| {
        sums.into_iter().zip(counts).map(|(sum, count)| sum.saturating_add(count)).collect()
    })
}

fn full(counts: &[u64]) -> u64 {
    counts.iter().map(|count| u64::from(*count > 0)).sum()
}
