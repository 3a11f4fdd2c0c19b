//! Event names that a query or a limit owns.

use arrayvec::ArrayString;

use crate::bounds::INLINE_NAME_BYTES;

/// A copied name, so that a query may outlive the string it was made from. Names of up to 40 bytes
/// are kept inline, because a query is made for each question.
#[derive(Clone)]
pub(super) enum Name {
    Inline(ArrayString<INLINE_NAME_BYTES>),
    Heap(Box<str>),
}

impl Name {
    #[inline]
    pub(super) fn new(name: &str) -> Name {
        ArrayString::from(name).map_or_else(|_| Name::Heap(name.into()), Name::Inline)
    }

    #[inline]
    pub(super) fn as_str(&self) -> &str {
        match self {
            Name::Inline(name) => name,
            Name::Heap(name) => name,
        }
    }
}

/// Names in one buffer, in the order in which they were added. It is inline for up to 40 bytes.
#[derive(Clone)]
pub(super) enum Names {
    Inline(ArrayString<INLINE_NAME_BYTES>),
    Heap(String),
}

/// Where a name stands in `Names`.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameRange {
    start: u32,
    end: u32,
}

impl NameRange {
    const EMPTY: NameRange = NameRange { start: 0, end: 0 };
}

impl Names {
    #[inline]
    pub(super) fn new() -> Names {
        Names::Inline(ArrayString::new_const())
    }

    #[inline(always)]
    fn text(&self) -> &str {
        match self {
            Names::Inline(text) => text,
            Names::Heap(text) => text,
        }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, name: &str) -> NameRange {
        let start = self.text().len();
        match self {
            Names::Inline(text) => {
                if text.try_push_str(name).is_err() {
                    *self = Names::Heap([text.as_str(), name].concat());
                }
            }
            Names::Heap(text) => text.push_str(name),
        }
        let offset = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        NameRange { start: offset(start), end: offset(start.saturating_add(name.len())) }
    }

    #[inline(always)]
    pub(super) fn get(&self, range: NameRange) -> &str {
        let offset = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        self.text().get(offset(range.start)..offset(range.end)).unwrap_or_default()
    }
}

/// Two names, of a question that compares two events.
#[derive(Clone)]
pub(super) struct NamePair {
    names: Names,
    ranges: [NameRange; 2],
}

impl NamePair {
    #[inline(always)]
    pub(super) fn new(first: &str, second: &str) -> NamePair {
        // It is built in place, because a copy of names that were just written is slow.
        let mut pair = NamePair { names: Names::new(), ranges: [NameRange::EMPTY; 2] };
        pair.ranges = [pair.names.push(first), pair.names.push(second)];
        pair
    }

    #[inline(always)]
    pub(super) fn get(&self) -> [&str; 2] {
        self.ranges.map(|range| self.names.get(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_names_come_back() {
        for length in [0, 1, 39, 40, 41, 1_024] {
            let name = "ü".repeat(length / 2);
            assert_eq!(Name::new(&name).as_str(), name);
        }
    }

    #[test]
    fn names_keep_their_places_when_the_buffer_moves_to_the_heap() {
        let mut names = Names::new();
        let given = ["", "tap", &"ä".repeat(18), "größe", "", &"x".repeat(500), "end"];
        let ranges = given.map(|name| names.push(name));
        assert!(matches!(names, Names::Heap(_)));
        for (range, name) in ranges.into_iter().zip(given) {
            assert_eq!(names.get(range), name);
        }
    }
}
