//! Answers, and what happens to them if the storage cannot be read.

use crate::error::{Error, Result};
use crate::report::report;

/// An answer, and the error if an event that it needs could not be read.
pub(super) struct Answered<R> {
    pub(super) answer: R,
    pub(super) read_error: Option<Box<Error>>,
}

impl<R> Answered<R> {
    /// The answer. If an event could not be read it comes from memory, and a warning is logged.
    #[inline]
    pub(super) fn or_memory(self) -> R {
        if let Some(error) = self.read_error {
            warn(&error);
        }
        self.answer
    }

    /// The answer, or the error if an event could not be read.
    pub(super) fn complete(self) -> Result<R> {
        match self.read_error {
            Some(error) => Err(*error),
            None => Ok(self.answer),
        }
    }

    #[inline]
    pub(super) fn map<S>(self, change: impl FnOnce(R) -> S) -> Answered<S> {
        Answered { answer: change(self.answer), read_error: self.read_error }
    }
}

#[cold]
fn warn(error: &Error) {
    match error {
        Error::ConfigMismatch(_) => report!(warn, "a question has no answer: {error}"),
        _ => report!(warn, "an answer comes from memory only: {error}"),
    }
}

impl<R: Default> Answered<Result<R>> {
    /// The answer. An error of the question takes the place of a read error, and the answer is then
    /// that of a question without counts.
    pub(super) fn flatten(self) -> Answered<R> {
        match self.answer {
            Ok(answer) => Answered { answer, read_error: self.read_error },
            Err(error) => Answered { answer: R::default(), read_error: Some(Box::new(error)) },
        }
    }
}

/// Defines two methods for each answer: `name`, which answers from memory if an event cannot be
/// read, and `try_name`, which returns an error then. Both share one evaluation.
macro_rules! answers {
    ($(
        $(#[$doc:meta])*
        $name:ident, $try_name:ident($($argument:ident: $type:ty)?) -> $answer:ty = |$query:ident| $answered:expr;
    )*) => {$(
        $(#[$doc])*
        ///
        #[doc = concat!("If an event cannot be read, the answer comes from memory, and a warning is logged: see `", stringify!($try_name), "`.")]
        #[inline(always)]
        pub fn $name(self, $($argument: $type)?) -> $answer {
            let $query = self;
            ($answered).or_memory()
        }

        #[doc = concat!("As `", stringify!($name), "`, but with an error if an event cannot be read.")]
        ///
        /// # Errors
        /// `Unavailable` if the storage cannot be read now and trying again can help, `Corrupt` or
        /// `Serialization` for damaged data, `Closed`.
        pub fn $try_name(self, $($argument: $type)?) -> $crate::error::Result<$answer> {
            let $query = self;
            ($answered).complete()
        }
    )*};
}

pub(super) use answers;
