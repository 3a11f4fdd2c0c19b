//! Errors, sorted by what the caller can do.

use crate::Error;

/// Why a call failed. Nothing is changed by a call that fails, except where its documentation says so.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum EventStoreError {
    /// An argument out of its bounds, or a question that the tracked units cannot answer. Change the call.
    #[error("{reason}")]
    InvalidArgument {
        /// What is wrong, and what would be right.
        reason: String,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
    /// Not possible at the moment: storage that is locked or in use. Try again later.
    #[error("{reason}")]
    Unavailable {
        /// What cannot be had, and what to do.
        reason: String,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
    /// The storage failed: no space left, or a broken disk. What was counted is still in memory.
    #[error("{reason}")]
    Storage {
        /// What failed, and the system's answer.
        reason: String,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
    /// Data that is damaged, or not of this library. Get it anew from where it was made.
    #[error("{reason}")]
    Corrupt {
        /// What is damaged, and how it was seen.
        reason: String,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
    /// Data of a newer version of this library. Update the app.
    #[error("{reason}")]
    Incompatible {
        /// What was read, and its version.
        reason: String,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
    /// The store was shut down. Open it again.
    #[error("{reason}")]
    Closed {
        /// What was called for.
        reason: String,
        /// The event concerned, where there is one.
        event: Option<String>,
    },
}

/// The core's words, but for those that name a call of the Rust interface.
fn reason(error: &Error) -> String {
    match error {
        Error::InvalidTimeUnitEver => {
            "all time is no unit that can be tracked; choose one of seconds to years".into()
        }
        Error::InvalidRange(start, end) => {
            format!(
                "hours {start} to {end} are no stretch of time; let them begin and end at different hours"
            )
        }
        _ => error.to_string(),
    }
}

impl From<Error> for EventStoreError {
    fn from(error: Error) -> Self {
        let reason = reason(&error);
        match error {
            Error::FutureEvent
            | Error::ConfigMismatch(_)
            | Error::InvalidHour(_)
            | Error::InvalidRange(..)
            | Error::InvalidBucketCount(_)
            | Error::InvalidTimeUnitEver
            | Error::InvalidAutoPersistInterval(_)
            | Error::AutoPersistRequiresStorage
            | Error::NoFormatterForStorage
            | Error::InvalidArgument(_) => Self::InvalidArgument { reason, event: None },
            Error::EventNotFound(name) | Error::InvalidEvent { name } => {
                Self::InvalidArgument { reason, event: Some(name) }
            }
            Error::LimitExceeded(refusal) => Self::Unavailable { reason, event: Some(refusal.event_id) },
            Error::Unavailable { event, .. } => Self::Unavailable { reason, event },
            Error::Storage(_) | Error::Io { .. } => Self::Storage { reason, event: None },
            Error::Serialization(_) => Self::Corrupt { reason, event: None },
            Error::Corrupt { event, .. } => Self::Corrupt { reason, event },
            Error::Incompatible { event, .. } => Self::Incompatible { reason, event },
            Error::Closed => Self::Closed { reason, event: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_event_and_its_words() {
        let translated = EventStoreError::from(Error::Corrupt { what: "x".into(), event: Some("e".into()) });
        let EventStoreError::Corrupt { reason, event } = translated else { panic!("another kind") };
        assert_eq!((reason.as_str(), event.as_deref()), ("damaged data: x", Some("e")));
        let closed = EventStoreError::from(Error::Closed);
        assert_eq!(closed.to_string(), Error::Closed.to_string());
    }

    #[test]
    fn no_text_names_a_call_of_the_rust_interface() {
        let errors = [Error::InvalidTimeUnitEver, Error::InvalidRange(9, 9)];
        for text in errors.map(|error| EventStoreError::from(error).to_string()) {
            assert!(!text.contains('_') && !text.contains("::"), "{text}");
        }
    }
}
