//! Places in a document, and the error that names one.

use crate::error::Error;

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
            Place::Member(outer, name) => outer.pointer() + "/" + &name.replace('~', "~0").replace('/', "~1"),
            Place::Item(outer, index) => format!("{}/{index}", outer.pointer()),
        }
    }

    /// The error for what is wrong here.
    #[cold]
    pub(super) fn fault(&self, fault: impl Into<String>) -> Error {
        Error::InvalidRules { place: self.pointer(), fault: fault.into() }
    }
}

/// Words as a list for an error: `` `a`, `b` or `c` ``.
pub(super) fn one_of(words: &[&str]) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        text += match words.len() - index {
            _ if index == 0 => "",
            1 => " or ",
            _ => ", ",
        };
        text.extend(["`", word, "`"]);
    }
    text
}
