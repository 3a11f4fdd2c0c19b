//! Queries about several events, whose counts are added up.

use arrayvec::ArrayString;

use super::answered::{Answered, answers};
use super::last::{last_units, range};
use crate::bounds::INLINE_NAME_BYTES;
use crate::query::{QueryRange, evaluate};
use crate::store::EventStore;
use crate::time::unit::TimeUnit;

/// A query about several events, whose counts are added up. `EventStore::query_many` begins one.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiQuery<'a> {
    store: &'a EventStore,
    events: ManyNames,
}

/// A query about some buckets of several events.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiRangeQuery<'a> {
    store: &'a EventStore,
    events: ManyNames,
    range: QueryRange,
}

/// The names of the events. Short ones stand in one text, each after a character whose code is its
/// length.
#[derive(Clone)]
enum ManyNames {
    Inline(ArrayString<INLINE_NAME_BYTES>),
    Heap(Vec<Box<str>>),
}

impl ManyNames {
    #[inline(always)]
    fn push(&mut self, name: &str) {
        if let ManyNames::Inline(text) = self {
            if name.len() < text.remaining_capacity() {
                // The length is less than 128, so it is a character of one byte.
                text.push(char::from(u8::try_from(name.len()).unwrap_or(0)));
                text.push_str(name);
                return;
            }
            self.move_to_heap();
        }
        if let ManyNames::Heap(names) = self {
            names.push(name.into());
        }
    }

    #[cold]
    fn move_to_heap(&mut self) {
        *self = ManyNames::Heap(self.iter().map(Box::from).collect());
    }

    #[inline(always)]
    fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let (mut text, heap): (&str, &[Box<str>]) = match self {
            ManyNames::Inline(text) => (text, &[]),
            ManyNames::Heap(names) => ("", names),
        };
        let inline = std::iter::from_fn(move || {
            let length = usize::from(*text.as_bytes().first()?);
            let name = text.get(1..=length)?;
            text = text.get(length + 1..)?;
            Some(name)
        });
        inline.chain(heap.iter().map(|name| &**name))
    }
}

impl<'a> MultiQuery<'a> {
    #[inline(always)]
    pub(super) fn new<'n>(store: &'a EventStore, events: impl Iterator<Item = &'n str>) -> MultiQuery<'a> {
        let mut query = MultiQuery { store, events: ManyNames::Inline(ArrayString::new_const()) };
        events.for_each(|event| query.events.push(event));
        query
    }

    #[inline(always)]
    fn last(self, n: usize, unit: TimeUnit) -> MultiRangeQuery<'a> {
        MultiRangeQuery { store: self.store, events: self.events, range: QueryRange::last(n, unit) }
    }

    last_units!(range, MultiRangeQuery<'a>);

    /// All buckets of the longest tracked unit.
    pub fn ever(self) -> MultiRangeQuery<'a> {
        self.last(usize::MAX, TimeUnit::Ever)
    }
}

impl MultiRangeQuery<'_> {
    answers! {
        /// The sum over all events that are known, at most 4,294,967,295. Absent if none of them is
        /// known or the unit is not tracked. An event that is named twice counts twice.
        sum, try_sum() -> Option<u32> = |query| query.total_and_buckets().map(|total| {
            total.map(|(total, _)| u32::try_from(total).unwrap_or(u32::MAX))
        });

        /// The sum divided by the number of buckets of the range, which ends at the tracked
        /// buckets. 0 for no buckets. Absent as `sum` is.
        average, try_average() -> Option<f64> = |query| query.total_and_buckets().map(|total| {
            total.map(|(total, buckets)| evaluate::quotient(total, buckets))
        });
    }

    #[inline(always)]
    fn total_and_buckets(self) -> Answered<Option<(u64, u64)>> {
        self.store.shared.ask(self.events.iter(), |snapshot| {
            let range = self.range.resolve_in(snapshot)?;
            let total = evaluate::total_of_known(snapshot, self.events.iter(), &range)?;
            Some((total, range.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_in_order_inline_and_on_the_heap() {
        let long = "ü".repeat(300);
        for names in [
            &[][..],
            &[""],
            &["", "tap", "", "größe"],
            &["thirty-nine bytes fit beside the length"],
            &["forty bytes do not fit beside the length"],
            &["tap", "a second name that is too long for it", "", "b"],
            &[&long, "x", &long],
        ] {
            let mut kept = ManyNames::Inline(ArrayString::new_const());
            names.iter().for_each(|name| kept.push(name));
            assert!(kept.iter().eq(names.iter().copied()), "{names:?}");
        }
    }
}
