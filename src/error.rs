//! What can go wrong, sorted by what the caller can do about it.

use std::io;
use std::path::PathBuf;

use chrono::Duration;
use thiserror::Error as ThisError;

use crate::limit::LimitExceeded;

/// The result of every call that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed. Nothing is changed by a call that returns one, except where its documentation says so.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A recording for an instant more than one minute ahead of the clock.
    #[error(
        "the instant lies more than a minute in the future; record events when they happen, or in the past"
    )]
    FutureEvent,
    /// No such event. The field names it.
    #[error("the event is not known; record it before asking for its usage")]
    EventNotFound(String),
    /// A storage refused, or there is none to use.
    #[error("storage: {0}")]
    Storage(String),
    /// Stored or foreign bytes that a formatter could not read, or a counter it could not write.
    #[error("serialization: {0}")]
    Serialization(String),
    /// What is asked for cannot be counted by this store, or by this limit.
    #[error("configuration: {0}")]
    ConfigMismatch(String),
    /// An hour above 23 (24 as an end).
    #[error("{0} is no hour; use 0 to 23, or 24 as an end")]
    InvalidHour(u8),
    /// A range of hours that is empty or runs backwards.
    #[error(
        "hours {0} to {1} are no range of one day; let the start come before the end, or use hours_overnight"
    )]
    InvalidRange(u8, u8),
    /// A number of buckets that is 0 or above 100,000.
    #[error("bucket count: {0}")]
    InvalidBucketCount(String),
    /// `TimeUnit::Ever` where a unit is to be tracked.
    #[error("TimeUnit::Ever is a question, not a unit that can be tracked; choose one of seconds to years")]
    InvalidTimeUnitEver,
    /// An interval of zero or less.
    #[error("the auto_persist interval must be above zero, it was {0}")]
    InvalidAutoPersistInterval(Duration),
    /// `auto_persist` without a storage.
    #[error("auto_persist needs a storage; add with_storage() or with_log(), or leave auto_persist() out")]
    AutoPersistRequiresStorage,
    /// A storage without a formatter.
    #[error("the storage needs a formatter; enable serde-bincode or serde-json, or add with_format()")]
    NoFormatterForStorage,
    /// A limit refused: an answer rather than a failure.
    #[error("{0}")]
    LimitExceeded(LimitExceeded),
    /// A name that is longer than 1,024 bytes. The field holds its beginning.
    #[error("an event's name may be at most 1,024 bytes of UTF-8; shorten it")]
    InvalidEvent {
        /// The beginning of the name.
        name: String,
    },
    /// An argument out of its bounds.
    #[error("{0}")]
    InvalidArgument(String),
    /// An input or output call of the system failed.
    #[error("could not {action}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder it was tried on.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Stored bytes or an export that are damaged.
    #[error("damaged data: {what}")]
    Corrupt {
        /// What is damaged, and how it was seen.
        what: String,
        /// The event concerned, where it is known.
        event: Option<String>,
    },
    /// Not possible at the moment: a file that cannot be read yet, a folder in use. Trying again later can help.
    #[error("unavailable: {what}")]
    Unavailable {
        /// What cannot be had, and what to do.
        what: String,
        /// The event concerned, where it is known.
        event: Option<String>,
    },
    /// Data of a newer version of this library.
    #[error("{what} has version {found}, this library reads up to {supported}; update the app")]
    Incompatible {
        /// What was read.
        what: &'static str,
        /// The version found.
        found: u32,
        /// The newest version that can be read.
        supported: u32,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
    /// The store was closed.
    #[error("the store is closed; open it again")]
    Closed,
}

impl Error {
    /// The refusal, where this is one.
    pub fn as_limit_exceeded(&self) -> Option<&LimitExceeded> {
        match self {
            Error::LimitExceeded(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether stored data was read and cannot be understood. Trying again does not help; replacing
    /// the data does.
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
