//! Answers, and what becomes of them where a storage cannot be read.

use crate::error::{Error, Result};

/// An answer, and whether everything that it needs could be read.
pub(crate) struct Answered<R> {
    pub(crate) answer: R,
    /// What could not be. In a box, for it is moved about with every answer.
    pub(crate) unread: Option<Box<Error>>,
}

impl<R> Answered<R> {
    /// The answer, from memory alone where it has to be.
    #[inline]
    pub(crate) fn or_memory(self) -> R {
        if let Some(error) = self.unread {
            log::warn!("answering from memory alone: {error}");
        }
        self.answer
    }

    /// The answer, if it is whole.
    pub(crate) fn whole(self) -> Result<R> {
        match self.unread {
            Some(error) => Err(*error),
            None => Ok(self.answer),
        }
    }

    #[inline]
    pub(crate) fn map<S>(self, change: impl FnOnce(R) -> S) -> Answered<S> {
        Answered { answer: change(self.answer), unread: self.unread }
    }
}

/// Writes each answer twice: as it is, and as one that does not hide a storage that cannot be read.
macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident, $whole:ident($($argument:ident: $type:ty)?) -> $answer:ty = |$query:ident| $asked:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(self, $($argument: $type)?) -> $answer {
            let $query = self;
            ($asked).or_memory()
        }

        #[doc = concat!("As `", stringify!($name), "`, and an error where that would have to answer from memory alone.")]
        ///
        /// # Errors
        /// What hinders reading the events: `Unavailable` where it can be tried again, `Corrupt` or `Serialization` for what is damaged,
        /// `Closed`.
        pub fn $whole(self, $($argument: $type)?) -> $crate::error::Result<$answer> {
            let $query = self;
            ($asked).whole()
        }
    )*};
}

pub(crate) use answers;
