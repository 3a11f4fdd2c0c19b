//! Places in a document, and the error that names one.

use crate::error::Error;

/// What can be wrong in a document. A box makes the functions smaller that pass it on.
pub(super) type Read<T> = Result<T, Box<Error>>;

/// A place in a document: the way to it from the outside.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Document,
    /// A member of an object, with its name.
    Member(&'a Place<'a>, &'a str),
    /// An item of a list, with its index.
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(super) fn member(&'a self, name: &'a str) -> Place<'a> {
        Place::Member(self, name)
    }

    pub(super) fn item(&'a self, index: usize) -> Place<'a> {
        Place::Item(self, index)
    }

    /// The place as a JSON pointer (RFC 6901).
    fn pointer(&self) -> String {
        match self {
            Place::Document => String::new(),
            Place::Member(outer, name) => {
                let mut pointer = outer.pointer() + "/";
                for c in name.chars() {
                    match c {
                        '~' => pointer.push_str("~0"),
                        '/' => pointer.push_str("~1"),
                        _ => pointer.push(c),
                    }
                }
                pointer
            }
            Place::Item(outer, index) => format!("{}/{index}", outer.pointer()),
        }
    }

    /// The error for what is wrong here.
    #[cold]
    pub(super) fn fault(&self, fault: impl Into<String>) -> Box<Error> {
        fn error(place: &Place<'_>, fault: String) -> Box<Error> {
            Box::new(Error::InvalidRules { place: place.pointer(), fault })
        }
        error(self, fault.into())
    }
}

/// Words as a list for an error.
pub(super) fn list(words: &[&str]) -> String {
    format!("`{}`", words.join("`, `"))
}
