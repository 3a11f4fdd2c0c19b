//! Taking over the counts of another library once.

use super::error::EventStoreError;
use super::rehearsal::Occurrence;
use super::store::EventStore;

#[uniffi::export]
impl EventStore {
    /// Takes over the counts of another library, unless those of `key` were taken over before.
    /// Returns whether they were taken over now. When it returns, they survive a power loss.
    ///
    /// Fails with `InvalidArgument` for an empty key, a key of more than 1,024 bytes of UTF-8, more
    /// than 100,000 occurrences, an event name of more than 1,024 bytes of UTF-8, a count outside 0
    /// to 4,294,967,295, an instant outside the years 1 to 9999 or more than one minute in the
    /// future, and if the counts of an event would take more than 8 MiB; with `Storage` beyond 64
    /// keys, and if the store has the counts of 1,024 other replicas; with `Unavailable` or
    /// `Corrupt` if an event cannot be read; with `Closed`. Nothing is taken over then. Fails with
    /// `NotWritten` if the storage cannot be written. Answers include the counts already.
    pub fn import_once(&self, key: String, counts: Vec<Occurrence>) -> Result<bool, EventStoreError> {
        let counts: Result<Vec<_>, _> = counts.into_iter().map(crate::Occurrence::try_from).collect();
        let counts = counts?;
        Ok(self.core.import_once(&key, || counts)?)
    }

    /// Whether `import_once` has taken over the counts of a key.
    ///
    /// Fails with `InvalidArgument` for an empty key and a key of more than 1,024 bytes of UTF-8;
    /// with `Closed`.
    pub fn has_imported(&self, key: String) -> Result<bool, EventStoreError> {
        Ok(self.core.has_imported(&key)?)
    }
}
