//! Values with their places, read as what a rule expects there.

use super::place::{Place, Read, list};
use super::text::{Member, Value, quote};
use crate::bounds::{MAX_LIMITS, MAX_NAME_BYTES};
use crate::error::Error;

/// A value of a document.
pub(super) struct Node<'a> {
    pub(super) value: &'a Value<'a>,
    pub(super) place: Place<'a>,
}

impl<'a> Node<'a> {
    /// The error for what is wrong here.
    #[cold]
    pub(super) fn fault(&self, fault: impl Into<String>) -> Box<Error> {
        self.place.fault(fault)
    }

    /// The error for another value than expected.
    #[cold]
    pub(super) fn expected(&self, what: &str) -> Box<Error> {
        self.fault(format!("expected {what}, found {}", self.found()))
    }

    /// The value in a few words.
    fn found(&self) -> String {
        let start = |text: &str| match text.char_indices().nth(40) {
            Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
            None => text.to_owned(),
        };
        let words = match self.value {
            Value::Null => "null",
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(number) => return start(number),
            Value::Text(text) => {
                let mut quoted = String::new();
                quote(&start(text), &mut quoted);
                return quoted;
            }
            Value::List(items) if items.is_empty() => "an empty list",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        };
        words.to_owned()
    }

    /// The members of an object. Each name stands there once.
    pub(super) fn object(&self, what: &str) -> Read<Object<'_>> {
        let Value::Object(members) = self.value else { return Err(self.expected(what)) };
        // This also bounds the time of the search for the same name.
        if members.len() > MAX_LIMITS {
            return Err(self.fault("expected at most 1,024 members"));
        }
        for (index, (name, _)) in members.iter().enumerate() {
            if members.iter().take(index).any(|(other, _)| other == name) {
                return Err(self.place.member(name).fault("the object has this member more than once"));
            }
        }
        Ok(Object { members, place: &self.place })
    }

    /// The items of a list.
    pub(super) fn list(&self, what: &str) -> Read<impl Iterator<Item = Node<'_>>> {
        let Value::List(items) = self.value else { return Err(self.expected(what)) };
        let items = items.iter().enumerate();
        Ok(items.map(|(index, value)| Node { value, place: self.place.item(index) }))
    }

    /// A text; absent for another value.
    pub(super) fn text(&self) -> Option<&'a str> {
        match self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name of an event.
    pub(super) fn event(&self) -> Read<String> {
        self.event_name().map(str::to_owned)
    }

    /// `event` without a copy.
    pub(super) fn event_name(&self) -> Read<&'a str> {
        let name = self.text().ok_or_else(|| self.expected("the name of an event"))?;
        check_name(name, &self.place)?;
        Ok(name)
    }

    /// A whole number of at least `least`.
    pub(super) fn integer(&self, least: u32) -> Read<u32> {
        let number = match self.value {
            Value::Number(number) => whole(number),
            _ => None,
        };
        let number = number.filter(|number| *number >= least);
        number.ok_or_else(|| self.expected(&format!("a whole number from {least} to {}", u32::MAX)))
    }
}

/// A whole number. A JSON schema takes 1.0 for one too.
fn whole(number: &str) -> Option<u32> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.bytes().all(|digit| digit == b'0') { whole.parse().ok() } else { None }
}

/// Checks the length of a name.
pub(super) fn check_name(name: &str, place: &Place<'_>) -> Read<()> {
    if name.len() <= MAX_NAME_BYTES {
        return Ok(());
    }
    Err(place.fault(format!("expected at most 1,024 bytes of UTF-8, found {}", name.len())))
}

/// The members of an object. Each name stands there once.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    members: &'a [Member<'a>],
    pub(super) place: &'a Place<'a>,
}

impl<'a> Object<'a> {
    /// The members with their names.
    pub(super) fn members(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let node = |name, value| Node { value, place: self.place.member(name) };
        self.members.iter().map(move |(name, value)| (&**name, node(name, value)))
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.members.iter().any(|(member, _)| member == name)
    }

    /// Checks that there are no other members.
    pub(super) fn only(self, known: &[&str]) -> Read<()> {
        match self.members.iter().find(|(name, _)| !known.contains(&&**name)) {
            Some((other, _)) => {
                let expected = format!("expected no other member than {}", list(known));
                Err(self.place.member(other).fault(expected))
            }
            None => Ok(()),
        }
    }

    pub(super) fn optional(self, name: &str) -> Option<Node<'a>> {
        let (name, value) = self.members.iter().find(|(member, _)| member == name)?;
        Some(Node { value, place: self.place.member(name) })
    }

    pub(super) fn required(self, name: &str) -> Read<Node<'a>> {
        let missing = || self.place.fault(format!("expected the member `{name}`, found none"));
        self.optional(name).ok_or_else(missing)
    }
}
