//! Errors, sorted by what the caller can do about them.

use crate::Error;

/// Why a call failed. A call that fails changes nothing, unless its documentation says otherwise.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum EventStoreError {
    /// An argument is out of bounds, or the tracked units do not reach back far enough. Change the
    /// call.
    #[error("{reason}")]
    InvalidArgument {
        /// What is wrong, and which values are valid.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// A rule document does not have the form of `docs/rules.md`, or a limit has no such form.
    /// Change the document or the limit.
    #[error("{reason}")]
    InvalidRules {
        /// The place, what was expected there and what was found.
        reason: String,
        /// The place as a JSON pointer, for example `/limits/review/all/2/within`. Empty for the
        /// document as a whole, and for text that is not JSON.
        place: String,
    },
    /// The storage cannot be used at the moment: it is locked, or another store has it open. Try
    /// again later.
    #[error("{reason}")]
    Unavailable {
        /// What is not available, and what to do.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// The storage failed: there is no space left, or the disk is broken. Counts are still in
    /// memory.
    #[error("{reason}")]
    Storage {
        /// What failed, and the error of the system.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// A decision was made and counts, but it could not be written: a limit allowed the event, a
    /// reservation was committed or cancelled, or `record_now` recorded. Go on as after success. A
    /// kill of the process loses it, unless a later write succeeds: the store tries again in the
    /// background and with each `persist`.
    #[error("{reason}")]
    NotWritten {
        /// Why it could not be written.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// The stored reservation has expired without being committed. Nothing was recorded. Reserve
    /// again.
    #[error("{reason}")]
    ReservationExpired {
        /// What has expired, and what to do.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// The data is damaged, this library did not write it, or it is not sealed with a sync key of
    /// the store. Fetch it again from its source.
    #[error("{reason}")]
    Corrupt {
        /// What is damaged, and how that was detected.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// A newer version of this library wrote the data. Update the app.
    #[error("{reason}")]
    Incompatible {
        /// What was read, why this store cannot read it, and what to do.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// The data is sealed with a sync key, and the store has none. Open the store with the key.
    #[error("{reason}")]
    SyncKeyRequired {
        /// What is sealed, and what to do.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
    /// The store is closed. Open it again.
    #[error("{reason}")]
    Closed {
        /// What is closed, and what to do.
        reason: String,
        /// The event concerned; absent if there is none.
        event: Option<String>,
    },
}

impl From<Error> for EventStoreError {
    fn from(error: Error) -> Self {
        let reason = error.to_string();
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
            Error::InvalidRules { place, .. } => Self::InvalidRules { reason, place },
            Error::TooLarge { event, .. } => Self::InvalidArgument { reason, event },
            Error::EventNotFound(name) | Error::InvalidEvent { name } => {
                Self::InvalidArgument { reason, event: Some(name) }
            }
            Error::LimitExceeded(refusal) => Self::Unavailable { reason, event: Some(refusal.event_id) },
            Error::Unavailable { event, .. } => Self::Unavailable { reason, event },
            Error::NotWritten(cause) => Self::NotWritten { reason, event: cause.event().map(str::to_owned) },
            Error::ReservationExpired { event } => Self::ReservationExpired { reason, event: Some(event) },
            Error::Storage(_) | Error::Io { .. } => Self::Storage { reason, event: None },
            Error::Serialization(_) => Self::Corrupt { reason, event: None },
            Error::Corrupt { event, .. } => Self::Corrupt { reason, event },
            Error::Incompatible { event, .. } => Self::Incompatible { reason, event },
            Error::SyncKeyRequired(_) => Self::SyncKeyRequired { reason, event: None },
            Error::Closed => Self::Closed { reason, event: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_event_and_its_text() {
        let translated = EventStoreError::from(Error::Corrupt { what: "x".into(), event: Some("e".into()) });
        let EventStoreError::Corrupt { reason, event } = translated else { panic!("another variant") };
        assert_eq!((reason.as_str(), event.as_deref()), ("x", Some("e")));
        let closed = EventStoreError::from(Error::Closed);
        assert_eq!(closed.to_string(), Error::Closed.to_string());
    }

    #[test]
    fn an_error_about_rules_keeps_its_place() {
        let error = crate::Limit::from_json("{\"version\": 1, \"all\": [1]}").unwrap_err();
        let text = error.to_string();
        let translated = EventStoreError::from(error);
        let EventStoreError::InvalidRules { reason, place } = translated else { panic!("{translated}") };
        assert_eq!((reason, place.as_str()), (text, "/all/0"));
    }

    #[test]
    fn no_text_names_an_item_of_the_rust_interface() {
        let store = crate::EventStore::new();
        store.record("x");
        let built = |builder: crate::EventStoreBuilder| builder.build().unwrap_err();
        let second = chrono::Duration::seconds(1);
        let no_identity = built(crate::EventStore::builder().with_identity("id"));
        let no_interval = built(crate::EventStore::builder().auto_persist(-second));
        let no_storage = built(crate::EventStore::builder().auto_persist(second));
        let not_persisted = store.persist().unwrap_err();
        let not_forgotten = store.forget_replicas(["x"]).unwrap_err();
        let no_rule = store.limit().usage("x").unwrap_err();
        let itself = store.limit().also_record("x").check("x").unwrap_err();
        let errors = [
            Error::InvalidTimeUnitEver,
            Error::InvalidRange(9, 9),
            no_rule,
            itself,
            no_identity,
            no_interval,
            no_storage,
            not_persisted,
            not_forgotten,
        ];
        for text in errors.map(|error| EventStoreError::from(error).to_string()) {
            assert!(!text.contains(['_', '`', '(']) && !text.contains("::"), "{text}");
        }
    }
}
