//! Storage keys: event names, and reserved keys for what belongs to a store as a whole.
//!
//! A reserved key begins with one `~`. If the name of an event begins with `~`, its key has one
//! more `~` in front, so no event has a reserved key.

use std::borrow::Cow;

const RESERVED: char = '~';

/// The name of the store record.
pub(crate) const STORE: &str = "store";

/// Whether the key of an event is its name.
pub(crate) fn is_name(name: &str) -> bool {
    !name.starts_with(RESERVED)
}

/// The key of an event.
pub(crate) fn of_event(name: &str) -> Cow<'_, str> {
    match is_name(name) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(format!("{RESERVED}{name}")),
    }
}

/// The reserved key of a record of the store.
pub(crate) fn reserved(name: &str) -> String {
    format!("{RESERVED}{name}")
}

/// The event of a key; absent for a reserved key.
pub(crate) fn event(key: &str) -> Option<String> {
    let name = match key.strip_prefix(RESERVED) {
        None => key,
        Some(name) if !is_name(name) => name,
        Some(_) => return None,
    };
    Some(name.to_owned())
}

/// The record of a reserved key; absent for the key of an event.
pub(crate) fn record(key: &str) -> Option<&str> {
    key.strip_prefix(RESERVED).filter(|name| is_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_its_key_and_none_is_reserved() {
        for name in ["", "a", "~", "~~", "~erased-0", "~~a", "größe~"] {
            assert_eq!(event(&of_event(name)).as_deref(), Some(name));
        }
        assert_eq!(event(&reserved("erased-0")), None);
        assert_eq!(record(&reserved("erased-0")), Some("erased-0"));
        assert_eq!(["a", "~~a", ""].map(record), [None; 3]);
        assert_eq!(event(&reserved("")), None, "no event is called so");
    }
}
