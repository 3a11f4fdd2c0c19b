//! Questions as plain data.

use chrono::{DateTime, Duration, Utc};

use super::dated::{self, DatedCount};
use super::evaluate;
use super::range::{BucketRange, QueryRange, check_marker};
use super::since;
use crate::counter::reading::Reading;
use crate::counter::window::CountBounds;
use crate::engine::Snapshot;
use crate::error::Result;

/// A question as plain data, for `EventStore::ask`. The counts of several events are added up; an
/// event that is named twice counts twice.
#[derive(Debug, Clone)]
pub enum Question {
    /// A measure of the counts in some buckets. `Answer::Absent` if no event is known, if the unit
    /// is not tracked, or if no tracked unit reaches back over a rolling range.
    Counts {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The buckets.
        range: QueryRange,
        /// What is computed from them.
        measure: Measure,
    },
    /// The least and the greatest number of times that the events can have happened in some
    /// buckets, as `RangeQuery::bounds`: `Answer::Bounds`. `Answer::Absent` if no event is known.
    Bounds {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The buckets, also those that are not kept.
        range: QueryRange,
    },
    /// Whether the sum is exactly how often the events happened in some buckets, as
    /// `RangeQuery::is_complete`: `Answer::Flag`.
    IsComplete {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The buckets, also those that are not kept.
        range: QueryRange,
    },
    /// How long ago the last of the events happened: `Answer::Ago`.
    LastSeen {
        /// The events. The latest of them answers.
        events: Vec<String>,
    },
    /// How long ago the first of the events happened: `Answer::Ago`.
    FirstSeen {
        /// The events. The earliest of them answers.
        events: Vec<String>,
    },
    /// When the last of the events happened: `Answer::Date`.
    LastDate {
        /// The events. The latest of them answers.
        events: Vec<String>,
    },
    /// When the first of the events happened: `Answer::Date`.
    FirstDate {
        /// The events. The earliest of them answers.
        events: Vec<String>,
    },
    /// How often the events ever happened: `Answer::Count`.
    Lifetime {
        /// The events whose counts are added up.
        events: Vec<String>,
    },
    /// How often the events happened since the latest recording of a marker: `Answer::Count`. If
    /// that is not exactly known, the greatest possible number, losses left aside.
    /// `Answer::Absent` if no event is known.
    Since {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// The event with which the time begins. It must be a marker of the store, otherwise the
        /// question is a `ConfigMismatch`.
        marker: String,
    },
    /// The least and the greatest number of times that the events can have happened since the
    /// latest recording of a marker, as `SinceQuery::bounds`: `Answer::Bounds`. `Answer::Absent` if
    /// no event is known.
    SinceBounds {
        /// The events whose counts are added up.
        events: Vec<String>,
        /// As in `Since`.
        marker: String,
    },
    /// The first event's count divided by the second's: `Answer::Number`. `Answer::Absent` if one
    /// of them is not known, if the unit is not tracked, if no tracked unit reaches back over a
    /// rolling range, or if the second's count is 0.
    Ratio {
        /// The event whose count is divided.
        numerator: String,
        /// The event by whose count it is divided.
        denominator: String,
        /// The buckets.
        range: QueryRange,
    },
    /// The first event's count less the second's: `Answer::Difference`. An event that is not known
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
    /// The difference divided by the number of buckets of the range: `Answer::Number`, 0 for no
    /// buckets. A calendar range ends at the tracked buckets.
    DeltaAverage {
        /// The event whose count is added.
        positive: String,
        /// The event whose count is subtracted.
        negative: String,
        /// The buckets.
        range: QueryRange,
    },
}

/// What is computed from the buckets of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The sum: `Answer::Count`.
    Total,
    /// The sum divided by the number of buckets of the range: `Answer::Number`, 0 for no buckets. A
    /// calendar range ends at the tracked buckets.
    Average,
    /// The sum divided by the number of buckets with counts: `Answer::Number`. `Answer::Absent` if
    /// there are none.
    AverageNonzero,
    /// The number of buckets with counts: `Answer::Count`.
    CountNonzero,
    /// The index in the range, 0 for its newest bucket, of the newest bucket with counts:
    /// `Answer::Count`. `Answer::Absent` if there are none.
    Newest,
    /// The index in the range, 0 for its newest bucket, of the oldest bucket with counts:
    /// `Answer::Count`. `Answer::Absent` if there are none.
    Oldest,
    /// The count of every bucket, newest first: `Answer::Buckets`.
    Buckets,
    /// The count of every bucket and the date on which it begins, oldest first: `Answer::Dated`. It
    /// is empty for units that are shorter than a day.
    BucketsByDate,
}

/// The answer to a `Question`. The question documents which variant it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// There is no answer: no event is known, the unit is not tracked, or as the question says.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// A count.
    Count(u64),
    /// An average or a ratio.
    Number(f64),
    /// How long ago, never negative.
    Ago(Duration),
    /// When, in milliseconds and not after now.
    Date(DateTime<Utc>),
    /// A difference of counts, clamped to 64 bits.
    Difference(i64),
    /// The count of every bucket, newest first.
    Buckets(Vec<u64>),
    /// The count of every bucket and the date on which it begins, oldest first.
    Dated(Vec<DatedCount>),
    /// The bounds of a count.
    Bounds(CountBounds),
}

impl Question {
    /// The events that the question looks at.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let (events, pair) = match self {
            Question::Since { events, marker } | Question::SinceBounds { events, marker } => {
                (events.as_slice(), Some([marker, marker]))
            }
            Question::Counts { events, .. }
            | Question::Bounds { events, .. }
            | Question::IsComplete { events, .. }
            | Question::LastSeen { events }
            | Question::FirstSeen { events }
            | Question::LastDate { events }
            | Question::FirstDate { events }
            | Question::Lifetime { events } => (events.as_slice(), None),
            Question::Ratio { numerator: one, denominator: other, .. }
            | Question::Delta { positive: one, negative: other, .. }
            | Question::DeltaAverage { positive: one, negative: other, .. } => (&[][..], Some([one, other])),
        };
        let pair = pair.into_iter().flatten().map(String::as_str);
        events.iter().map(String::as_str).chain(pair)
    }

    /// Checks that a window since a marker begins with one.
    ///
    /// # Errors
    /// `ConfigMismatch` if it does not.
    pub(crate) fn check_for(&self, snapshot: Snapshot<'_>) -> Result<()> {
        match self {
            Question::Since { marker, .. } | Question::SinceBounds { marker, .. } => {
                check_marker(marker, snapshot)
            }
            _ => Ok(()),
        }
    }

    /// The answer at the instant of a snapshot.
    pub(crate) fn answer(&self, snapshot: Snapshot<'_>) -> Answer {
        self.try_answer(snapshot).unwrap_or(Answer::Absent)
    }

    fn try_answer(&self, snapshot: Snapshot<'_>) -> Option<Answer> {
        Some(match self {
            Question::Counts { events, range, measure } => {
                measured(snapshot, events, &range.resolve_in(snapshot)?, *measure)?
            }
            Question::Bounds { events, range } => {
                let bounds = events.iter().filter_map(|event| range.bounds(usize::MAX, event, snapshot));
                Answer::Bounds(bounds.reduce(CountBounds::plus)?)
            }
            Question::IsComplete { events, range } => {
                Answer::Flag(evaluate::is_complete(snapshot, events, range, usize::MAX))
            }
            Question::LastSeen { events } => {
                let known = known(snapshot, events)?;
                Answer::Ago(evaluate::ago(evaluate::last(known)?, snapshot.now()))
            }
            Question::FirstSeen { events } => {
                let known = known(snapshot, events)?;
                Answer::Ago(evaluate::ago(evaluate::first(known)?, snapshot.now()))
            }
            Question::LastDate { events } => {
                let known = known(snapshot, events)?;
                Answer::Date(evaluate::date(evaluate::last(known)?, snapshot.now()))
            }
            Question::FirstDate { events } => {
                let known = known(snapshot, events)?;
                Answer::Date(evaluate::date(evaluate::first(known)?, snapshot.now()))
            }
            Question::Lifetime { events } => Answer::Count(evaluate::lifetime(known(snapshot, events)?)),
            Question::Since { events, marker } => {
                let counts = events.iter().filter_map(|event| since::total(snapshot, event, marker));
                Answer::Count(counts.reduce(u64::saturating_add)?)
            }
            Question::SinceBounds { events, marker } => {
                let bounds = events.iter().filter_map(|event| since::bounds(snapshot, event, marker));
                Answer::Bounds(bounds.reduce(CountBounds::plus)?)
            }
            Question::Ratio { numerator, denominator, range } => {
                Answer::Number(evaluate::ratio(snapshot, [numerator, denominator], range)?)
            }
            Question::Delta { positive, negative, range } => {
                Answer::Difference(evaluate::delta(snapshot, [positive, negative], range).0)
            }
            Question::DeltaAverage { positive, negative, range } => {
                let delta = evaluate::delta(snapshot, [positive, negative], range);
                Answer::Number(evaluate::delta_average(delta))
            }
        })
    }
}

/// The readings of the events that are known; absent if none of them is.
fn known<'a>(
    snapshot: Snapshot<'a>,
    events: &'a [String],
) -> Option<impl Iterator<Item = Reading<'a>> + Clone> {
    // The first one is kept, so no event is looked up twice.
    let mut known = events.iter().filter_map(move |name| snapshot.reading(name)).peekable();
    known.peek()?;
    Some(known)
}

/// A measure of the events in some buckets; absent if none of them is known.
#[inline(always)]
fn measured(
    snapshot: Snapshot<'_>,
    events: &[String],
    range: &BucketRange,
    measure: Measure,
) -> Option<Answer> {
    let known = || known(snapshot, events);
    let number = |count: usize| Answer::Count(u64::try_from(count).unwrap_or(u64::MAX));
    match measure {
        Measure::Total => {
            let names = events.iter().map(String::as_str);
            evaluate::total_of_known(snapshot, names, range).map(Answer::Count)
        }
        Measure::Average => Some(Answer::Number(evaluate::average(known()?, range))),
        Measure::Buckets => Some(Answer::Buckets(evaluate::bucket_counts(known()?, range))),
        Measure::BucketsByDate => Some(Answer::Dated(dated::counts(known()?, range))),
        Measure::AverageNonzero => {
            evaluate::with_bucket_counts(known()?, range, evaluate::average_nonzero).map(Answer::Number)
        }
        Measure::CountNonzero => {
            Some(number(evaluate::with_bucket_counts(known()?, range, evaluate::count_nonzero)))
        }
        Measure::Newest => evaluate::with_bucket_counts(known()?, range, evaluate::newest).map(number),
        Measure::Oldest => evaluate::with_bucket_counts(known()?, range, evaluate::oldest).map(number),
    }
}
