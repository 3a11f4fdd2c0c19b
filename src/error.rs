//! The errors of all calls.

use std::cmp::Ordering;
use std::io;
use std::path::PathBuf;

use chrono::Duration;
use thiserror::Error as ThisError;

use crate::limit::LimitExceeded;

/// The result of every call that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The reason why a call failed.
///
/// A call that returns an error changes nothing, unless its documentation says otherwise. The text
/// of an error is meant for developers. It does not contain event names: a field holds them.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A recording for an instant that is more than one minute ahead of the clock.
    #[error("the instant is more than one minute in the future; record present or past events only")]
    FutureEvent,
    /// The event has never been recorded. The field holds its name.
    #[error("the event is unknown; record it before you ask for its usage")]
    EventNotFound(String),
    /// The storage failed, its limits were reached, or the store has no storage that can do this.
    /// The field says which, and what to do.
    #[error("{0}")]
    Storage(String),
    /// A formatter could not read stored bytes, or could not write a counter. The field says why.
    #[error("{0}")]
    Serialization(String),
    /// The options of the store, its tracked units, or the rules of the limit do not allow this
    /// call. The field says what to change.
    #[error("{0}")]
    ConfigMismatch(String),
    /// An hour above 23, or above 24 as an end. The field holds it.
    #[error("invalid hour {0}: use 0 to 23, or 24 as an end")]
    InvalidHour(u8),
    /// A range of hours that is empty, that ends before it starts although it is not overnight, or
    /// that does not although it is. The fields hold its start and its end.
    #[error("invalid hours {0} to {1}: {fault}", fault = fault_of_hours(*.0, *.1))]
    InvalidRange(u8, u8),
    /// A number of buckets to track that is 0 or above 100,000. The field names the unit and the
    /// number.
    #[error("{0}")]
    InvalidBucketCount(String),
    /// `TimeUnit::Ever` as a unit to track.
    #[error("all time is not a unit that can be tracked; use one of seconds to years")]
    InvalidTimeUnitEver,
    /// An interval between automatic saves of zero or less. The field holds it.
    #[error("the interval between automatic saves must be greater than zero, not {0}")]
    InvalidAutoPersistInterval(Duration),
    /// `auto_persist` without a storage.
    #[error("saving at intervals needs a storage; give the store one, or do not ask for an interval")]
    AutoPersistRequiresStorage,
    /// A storage without a formatter.
    #[error(
        "the storage needs a formatter; give the store one, or enable the feature serde-bincode or serde-json"
    )]
    NoFormatterForStorage,
    /// A decision was made and counts, but it could not be written. A limit allowed the event, or a
    /// reservation was committed or cancelled, or `record_now` recorded. A kill of the process
    /// loses it, unless a later write succeeds: the store tries again in the background and with
    /// each persist. The field holds the error of the storage.
    #[error("the decision counts, but it was not written: {0}")]
    NotWritten(Box<Error>),
    /// The stored reservation has expired without a commit. Nothing was recorded. Reserve again.
    /// After some days the store forgets it, and the error is `InvalidArgument`.
    #[error("the reservation has expired; reserve again")]
    ReservationExpired {
        /// The event that was reserved.
        event: String,
    },
    /// A limit refused the event. This is an answer, not a failure. The field holds the rules that
    /// refuse and when they pass.
    #[error("{0}")]
    LimitExceeded(LimitExceeded),
    /// Data that is larger than a store accepts.
    #[error("{what}")]
    TooLarge {
        /// What is too large, the bound, and what to do.
        what: String,
        /// The event; absent if the data is not about one event.
        event: Option<String>,
    },
    /// An event name of more than 1,024 bytes in UTF-8.
    #[error("an event name may have at most 1,024 bytes of UTF-8; use a shorter name")]
    InvalidEvent {
        /// The first 64 characters of the name.
        name: String,
    },
    /// An argument outside its bounds. The field says which bounds.
    #[error("{0}")]
    InvalidArgument(String),
    /// A rule document that does not have the form of `docs/rules.md`, or a limit that has no such
    /// form.
    #[error("{}: {fault}", if place.is_empty() { "the rule document" } else { place })]
    InvalidRules {
        /// The place as a JSON pointer, for example `/limits/review/all/2/within`. Empty for the
        /// document as a whole, and for text that is not JSON.
        place: String,
        /// What was expected and what was found there.
        fault: String,
    },
    /// A call to the operating system failed.
    #[error("could not {action}: {source}")]
    Io {
        /// The attempted action, for example "open the event log".
        action: &'static str,
        /// The file or folder that it concerns.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Stored data or an export is damaged, or is not data of this library. Trying again does not
    /// help: erase the event, restore a backup, or get the export again.
    #[error("{what}")]
    Corrupt {
        /// What is damaged and how.
        what: String,
        /// The name of the event, if the damage concerns one event.
        event: Option<String>,
    },
    /// Not possible now, for example because a file cannot be read yet or another process uses the
    /// folder. Trying again later can help.
    #[error("{what}")]
    Unavailable {
        /// What is not available, and what to do.
        what: String,
        /// The name of the event, if this concerns one event.
        event: Option<String>,
    },
    /// Data that a newer version of this library wrote.
    #[error("{what} has version {found}, but this library reads versions up to {supported}; update the app")]
    Incompatible {
        /// The kind of data, with its article.
        what: &'static str,
        /// The version of the data.
        found: u32,
        /// The newest version that this library can read.
        supported: u32,
        /// The name of the event, if the data belongs to one event.
        event: Option<String>,
    },
    /// Bytes that are sealed with a sync key, and a store without one. The field says what to do.
    #[error("{0}")]
    SyncKeyRequired(String),
    /// The store was closed.
    #[error("the store is closed; open it again")]
    Closed,
}

fn fault_of_hours(start: u8, end: u8) -> &'static str {
    match start.cmp(&end) {
        Ordering::Equal => "start and end must be different",
        Ordering::Greater => "the range ends before it starts; use an overnight range",
        Ordering::Less => "an overnight range must end before it starts",
    }
}

impl Error {
    /// Returns the refusal if a limit refused the event; `None` for any other error.
    pub fn as_limit_exceeded(&self) -> Option<&LimitExceeded> {
        match self {
            Error::LimitExceeded(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The event of an error that can be about one.
    #[cfg(feature = "ffi")]
    pub(crate) fn event(&self) -> Option<&str> {
        match self {
            Error::Corrupt { event, .. }
            | Error::Unavailable { event, .. }
            | Error::Incompatible { event, .. } => event.as_deref(),
            _ => None,
        }
    }

    /// The error of a decision that counts and could not be written. A store that was closed
    /// meanwhile counts nothing.
    pub(crate) fn not_written(self) -> Error {
        match self {
            Error::Closed => Error::Closed,
            error => Error::NotWritten(Box::new(error)),
        }
    }

    /// Whether data was read that cannot be decoded. Trying again does not help; replacing the data
    /// does.
    pub(crate) fn is_unreadable_data(&self) -> bool {
        matches!(self, Error::Corrupt { .. } | Error::Serialization(_) | Error::Incompatible { .. })
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Error {
        Error::Corrupt { what: what.into(), event: None }
    }

    pub(crate) fn unavailable(what: impl Into<String>) -> Error {
        Error::Unavailable { what: what.into(), event: None }
    }
}
