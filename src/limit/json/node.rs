//! Values with their places, read as what a rule expects there.

use std::borrow::Cow;

use super::place::{Place, one_of};
use super::text::{Member, Value, quote};
use crate::bounds::MAX_NAME_BYTES;
use crate::error::{Error, Result};

/// A value of a document.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value<'a>,
    pub(super) place: &'a Place<'a>,
}

impl<'a> Node<'a> {
    /// The error for another value than expected.
    #[cold]
    pub(super) fn expected(&self, what: &str) -> Error {
        self.place.fault(format!("expected {what}, found {}", self.found()))
    }

    /// The value in a few words.
    fn found(&self) -> String {
        let start = |text: &str| match text.char_indices().nth(40) {
            Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
            None => text.to_owned(),
        };
        match self.value {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => start(number),
            Value::Text(text) => {
                let mut quoted = String::new();
                quote(&start(text), &mut quoted);
                quoted
            }
            Value::List(list) if list.is_empty() => "an empty list".into(),
            Value::List(_) => "a list".into(),
            Value::Object(_) => "an object".into(),
        }
    }

    /// The members of an object that are all different.
    pub(super) fn object(self, what: &str) -> Result<Object<'a>> {
        let Value::Object(members) = self.value else { return Err(self.expected(what)) };
        let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let twice = names.iter().zip(names.iter().skip(1)).find(|(one, other)| one == other);
        match twice {
            Some((name, _)) => {
                Err(self.place.member(name).fault("the object has this member more than once"))
            }
            None => Ok(Object { members, place: self.place }),
        }
    }

    /// The items of a list, each read by `read`.
    pub(super) fn list<T>(self, what: &str, mut read: impl FnMut(Node<'_>) -> Result<T>) -> Result<Vec<T>> {
        let Value::List(values) = self.value else { return Err(self.expected(what)) };
        let items = values.iter().enumerate();
        items.map(|(index, value)| read(Node { value, place: &self.place.item(index) })).collect()
    }

    /// A text that `read` understands.
    pub(super) fn text<T>(self, what: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        match self.value {
            Value::Text(text) => read(text),
            _ => None,
        }
        .ok_or_else(|| self.expected(what))
    }

    /// The name of an event.
    pub(super) fn event(self) -> Result<String> {
        let name = self.text("the name of an event", |name| Some(name.to_owned()))?;
        check_name(&name, self.place).map(|()| name)
    }

    /// A whole number of at least `least`.
    pub(super) fn integer(self, least: u32) -> Result<u32> {
        let number = match self.value {
            Value::Number(number) => {
                // A JSON schema takes 1.0 for an integer too.
                let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
                let is_whole = fraction.bytes().all(|digit| digit == b'0');
                is_whole.then(|| whole.parse().ok()).flatten()
            }
            _ => None,
        };
        let number = number.filter(|number| *number >= least);
        number.ok_or_else(|| self.expected(&format!("a whole number from {least} to {}", u32::MAX)))
    }
}

/// Checks the length of a name.
pub(super) fn check_name(name: &str, place: &Place<'_>) -> Result<()> {
    if name.len() <= MAX_NAME_BYTES {
        return Ok(());
    }
    Err(place.fault(format!("expected at most 1,024 bytes of UTF-8, found {}", name.len())))
}

/// The members of an object. Each name stands there once.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    pub(super) members: &'a [Member<'a>],
    pub(super) place: &'a Place<'a>,
}

impl<'a> Object<'a> {
    pub(super) fn names(self) -> impl Iterator<Item = &'a str> {
        self.members.iter().map(|(name, _): &(Cow<'_, str>, _)| &**name)
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.names().any(|member| member == name)
    }

    /// Checks that there are no other members.
    pub(super) fn only(self, known: &[&str]) -> Result<()> {
        match self.names().find(|name| !known.contains(name)) {
            Some(other) => Err(self
                .place
                .member(other)
                .fault(format!("expected no other member than {}", one_of(known).replace(" or ", " and ")))),
            None => Ok(()),
        }
    }

    pub(super) fn optional<T>(
        self,
        name: &str,
        read: impl FnOnce(Node<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let found = self.members.iter().find(|(member, _)| member == name);
        found.map(|(_, value)| read(Node { value, place: &self.place.member(name) })).transpose()
    }

    pub(super) fn required<T>(self, name: &str, read: impl FnOnce(Node<'_>) -> Result<T>) -> Result<T> {
        let missing = || self.place.fault(format!("expected the member `{name}`, found none"));
        self.optional(name, read)?.ok_or_else(missing)
    }
}
