//! The errors of reading events from the storage.

use crate::engine::Due;
use crate::error::{Error, Result};

/// Why events could not be read: the first error of each kind. They are boxed, because every
/// question returns them.
#[derive(Default)]
pub(super) struct ReadErrors {
    /// Reading again later can help.
    pub(super) unavailable: Option<Box<Error>>,
    /// The stored data cannot be understood.
    unreadable: Option<Box<Error>>,
}

impl ReadErrors {
    pub(super) fn add(&mut self, error: Error) {
        let first = if error.is_unreadable_data() { &mut self.unreadable } else { &mut self.unavailable };
        first.get_or_insert_with(|| Box::new(error));
    }

    pub(super) fn merge(&mut self, other: ReadErrors) {
        [other.unavailable, other.unreadable].into_iter().flatten().for_each(|error| self.add(*error));
    }

    /// The result for the caller of a write. Writes that are not about one event, or about all that
    /// was counted, succeed without an event whose stored data cannot be understood.
    pub(super) fn for_write(self, due: Due<'_>) -> Result<()> {
        match due {
            Due::Unwritten | Due::Undurable => self.into_unavailable(),
            Due::Events(_) | Due::Dirty | Due::All => self.into_result(),
        }
    }

    /// The result for a caller that needs no stored data which cannot be understood.
    pub(super) fn into_unavailable(self) -> Result<()> {
        self.unavailable.map_or(Ok(()), |error| Err(*error))
    }

    pub(super) fn into_result(self) -> Result<()> {
        self.into_error().map_or(Ok(()), |error| Err(*error))
    }

    #[inline]
    pub(super) fn into_error(self) -> Option<Box<Error>> {
        self.unavailable.or(self.unreadable)
    }
}
