//! Storage keys: those of the two values of an event, and reserved keys for what belongs to a store
//! as a whole.
//!
//! A reserved key begins with one `~`. If the name of an event begins with `~`, its key has one
//! more `~` in front, so no event has a reserved key. The cells of other lanes of an event have a
//! reserved key that ends with the name.

use std::borrow::Cow;

use arrayvec::ArrayString;

use crate::bounds::MAX_KEY_BYTES;

const RESERVED: &str = "~";

/// The beginning of the reserved keys of the cells of other lanes.
const OTHERS: &str = "~others-";

/// The name of the store record.
pub(crate) const STORE: &str = "store";

/// A value of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The event itself: the cells of the own lane and the stored reservations.
    Event,
    /// The cells of other lanes.
    Others,
}

/// Whether the key of an event is its name.
pub(crate) fn is_name(name: &str) -> bool {
    !name.starts_with(RESERVED)
}

/// The key of a value of an event.
pub(crate) fn of(name: &str, part: Part) -> Cow<'_, str> {
    match part {
        Part::Event if is_name(name) => Cow::Borrowed(name),
        Part::Event => Cow::Owned(format!("{RESERVED}{name}")),
        Part::Others => Cow::Owned(format!("{OTHERS}{name}")),
    }
}

/// Whether `holds` is true for one of the keys of an event. Every decision about an event that
/// never happened calls it, so it allocates nothing.
pub(crate) fn is_any(name: &str, holds: impl Fn(&str) -> bool) -> bool {
    let starting_with = |start: &str| {
        let mut key = ArrayString::<MAX_KEY_BYTES>::new_const();
        let fits = key.try_push_str(start).and_then(|()| key.try_push_str(name));
        // No event has a longer name.
        fits.is_ok() && holds(&key)
    };
    let is_own = if is_name(name) { holds(name) } else { starting_with(RESERVED) };
    is_own || starting_with(OTHERS)
}

/// The reserved key of a record of the store.
pub(crate) fn reserved(name: &str) -> String {
    format!("{RESERVED}{name}")
}

/// The event to which the value of a key belongs; absent for the key of a record of the store.
pub(crate) fn event(key: &str) -> Option<&str> {
    let Some(name) = key.strip_prefix(RESERVED) else { return Some(key) };
    if is_name(name) { key.strip_prefix(OTHERS) } else { Some(name) }
}

/// The record of the store that has a key; absent for the key of a value of an event.
pub(crate) fn record(key: &str) -> Option<&str> {
    key.strip_prefix(RESERVED).filter(|_| event(key).is_none())
}

/// The names of the events to which values of these keys belong, each once, in the order of their
/// bytes.
pub(crate) fn events<'a>(keys: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = keys.into_iter().filter_map(|key| event(key)).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::{MAX_KEY_BYTES, MAX_NAME_BYTES};

    #[test]
    fn every_name_comes_back_from_its_key_and_none_is_reserved() {
        let longest = format!("~{}", "a".repeat(MAX_NAME_BYTES - 1));
        let short = ["", "a", "~", "~~", "~erased-0", "~~a", "größe~", "others-a", "~others-a", "~others-"];
        for name in short.into_iter().chain([&*longest]) {
            let keys = [Part::Event, Part::Others].map(|part| of(name, part));
            assert_eq!(keys.each_ref().map(|key| event(key)), [Some(name); 2]);
            assert_eq!(keys.each_ref().map(|key| record(key)), [None; 2]);
            assert_ne!(keys[0], keys[1]);
            assert!(keys.iter().all(|key| key.len() <= name.len() + MAX_KEY_BYTES - MAX_NAME_BYTES));
            for key in &keys {
                assert!(is_any(name, |asked| asked == key), "{key}");
            }
            assert!(!is_any(name, |asked| keys.iter().all(|key| asked != key)));
            assert_eq!(events(&keys.map(Cow::into_owned)), [name]);
        }
        assert_eq!(event(&reserved("erased-0")), None);
        assert_eq!(record(&reserved("erased-0")), Some("erased-0"));
        assert_eq!(event(&reserved("")), None, "no event is called so");
    }
}
