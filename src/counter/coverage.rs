//! A set of the stamps of one lane: all up to a number in each opening.

use super::stamp::Stamp;
use crate::bounds::MAX_STAMP;

/// Stamps of a lane. If it has a stamp, it has every earlier one of the same opening.
///
/// It says what a store issued, what is known of a lane, and what was erased of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// It has all stamps of all openings up to this number.
    pub(crate) floor: u64,
    /// Openings with a higher number, up to which it has their stamps; ascending by opening.
    pub(crate) openings: Vec<(u32, u64)>,
}

impl Coverage {
    pub(crate) fn is_empty(&self) -> bool {
        self.floor == 0 && self.openings.is_empty()
    }

    /// All stamps that a lane can issue.
    pub(crate) fn all() -> Coverage {
        Coverage { floor: MAX_STAMP, openings: Vec::new() }
    }

    /// Whether it has all stamps that a lane can issue.
    pub(crate) fn is_all(&self) -> bool {
        self.floor >= MAX_STAMP
    }

    pub(crate) fn has(&self, stamp: Stamp) -> bool {
        let Stamp { number, opening } = stamp;
        number <= self.floor || self.upto(opening).is_some_and(|upto| number <= upto)
    }

    pub(crate) fn has_all(&self, other: &Coverage) -> bool {
        let has = |(opening, number): &(u32, u64)| self.has(Stamp::new(*number, *opening));
        other.floor <= self.floor && other.openings.iter().all(has)
    }

    /// Whether all of these stamps can have been issued by a store that issued `issued`: its
    /// openings are known. A floor names no opening.
    pub(crate) fn is_within(&self, issued: &Coverage) -> bool {
        let is_known = |(opening, number): &(u32, u64)| issued.has(Stamp::new(*number, *opening));
        self.floor <= issued.highest() && self.openings.iter().all(is_known)
    }

    fn upto(&self, opening: u32) -> Option<u64> {
        let found = self.openings.binary_search_by_key(&opening, |(opening, _)| *opening).ok()?;
        self.openings.get(found).map(|(_, number)| *number)
    }

    /// The highest number of a stamp that it has.
    pub(crate) fn highest(&self) -> u64 {
        self.openings.iter().map(|(_, number)| *number).fold(self.floor, u64::max)
    }

    /// Adds the stamps of an opening up to a number.
    pub(crate) fn add(&mut self, stamp: Stamp) {
        let Stamp { number, opening } = stamp;
        if self.has(stamp) {
            return;
        }
        match self.openings.binary_search_by_key(&opening, |(opening, _)| *opening) {
            Ok(found) => {
                if let Some((_, upto)) = self.openings.get_mut(found) {
                    *upto = number;
                }
            }
            Err(index) => self.openings.insert(index, (opening, number)),
        }
    }

    /// Adds all stamps of another set. Returns whether there were new ones.
    pub(crate) fn join(&mut self, other: &Coverage) -> bool {
        if self.has_all(other) {
            return false;
        }
        self.raise_floor(other.floor);
        other.openings.iter().for_each(|(opening, number)| self.add(Stamp::new(*number, *opening)));
        true
    }

    fn raise_floor(&mut self, floor: u64) {
        if floor > self.floor {
            self.floor = floor;
            self.openings.retain(|(_, number)| *number > floor);
        }
    }

    /// Keeps at most `openings` openings, those with the highest numbers. The floor rises to the
    /// others.
    pub(crate) fn trim(&mut self, openings: usize) {
        let extra = self.openings.len().saturating_sub(openings);
        if extra > 0 {
            let mut numbers: Vec<u64> = self.openings.iter().map(|(_, number)| *number).collect();
            numbers.sort_unstable();
            self.raise_floor(numbers.get(extra - 1).copied().unwrap_or(0));
        }
    }

    /// A set with which a store that has `known` gets all of these stamps.
    pub(crate) fn beyond(&self, known: &Coverage) -> Coverage {
        let is_new = |(opening, number): &&(u32, u64)| !known.has(Stamp::new(*number, *opening));
        Coverage {
            floor: if self.floor > known.floor { self.floor } else { 0 },
            openings: self.openings.iter().filter(is_new).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coverage() -> impl Strategy<Value = Coverage> {
        prop::collection::vec((0u64..9, 0u32..4), 0..6).prop_flat_map(|stamps| {
            (0u64..5).prop_map(move |floor| {
                let mut coverage = Coverage::default();
                stamps.iter().for_each(|(number, opening)| coverage.add(Stamp::new(*number, *opening)));
                coverage.raise_floor(floor);
                coverage
            })
        })
    }

    fn all() -> impl Iterator<Item = Stamp> {
        (1..10).flat_map(|number| (0..4).map(move |opening| Stamp::new(number, opening)))
    }

    proptest! {
        #[test]
        fn a_join_has_what_either_set_has(a in coverage(), b in coverage()) {
            let mut joined = a.clone();
            let changed = joined.join(&b);
            prop_assert!(all().all(|stamp| joined.has(stamp) == (a.has(stamp) || b.has(stamp))));
            prop_assert_eq!(changed, joined != a);
            prop_assert!(joined.has_all(&a) && joined.has_all(&b));
            let mut other = b.clone();
            other.join(&a);
            prop_assert_eq!(&other, &joined);
            let mut completed = b.clone();
            completed.join(&a.beyond(&b));
            prop_assert_eq!(completed, joined);
        }

        #[test]
        fn trimming_loses_no_stamp_and_keeps_the_newest_openings(a in coverage(), openings in 0usize..4) {
            let mut trimmed = a.clone();
            trimmed.trim(openings);
            prop_assert!(trimmed.openings.len() <= openings);
            prop_assert!(trimmed.has_all(&a));
            prop_assert_eq!(trimmed.highest(), a.highest());
        }
    }
}
