//! What is handed to a storage. It takes few allocations for any number of events.

use std::ops::Range;

use super::entry::{Marks, Stale};
use super::name_list::NameList;
use super::pages::PageId;
use crate::bounds::MAX_RETAINED_CHANGES_BYTES;
use crate::codec::{self, StoreRecord};
use crate::storage::key::Part;

/// Events and pages as they are to be stored, and the marks that each event had.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    names: NameList,
    values: Vec<u8>,
    taken: Vec<Taken>,
    pages: Vec<Page>,
    /// Whether a storage must hold all of the changes or none of them.
    belong_together: bool,
    /// The store record, if it has to be written, as a range of `values`.
    record: Option<Range<usize>>,
    /// A buffer that `put` lends to the encoder.
    scratch: Vec<u8>,
}

/// A page of a list.
#[derive(Debug, Clone)]
struct Page {
    id: PageId,
    precedes_events: bool,
    /// A range of `values`.
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Taken {
    marks: Marks,
    stale: Stale,
    event: Value,
    others: Value,
    /// Whether its values precede those of other events.
    is_first: bool,
}

/// One change of the storage.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    Page {
        id: PageId,
        bytes: &'a [u8],
        /// Whether it is written before the events or after them.
        precedes_events: bool,
    },
    /// A value of an event with its bytes; `None` if it is removed.
    Event(&'a str, Part, Option<&'a [u8]>),
}

/// What happens to a value of an event in the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// It stays as it is.
    Unchanged,
    Removed,
    /// It becomes this range of `values`.
    Put {
        start: usize,
        end: usize,
    },
}

impl Changes {
    /// Removes all events. Buffers of usual size are kept for the next write.
    pub(crate) fn clear(&mut self) {
        if self.capacity() > MAX_RETAINED_CHANGES_BYTES {
            *self = Changes::default();
        }
        self.names.clear();
        self.values.clear();
        self.taken.clear();
        self.pages.clear();
        self.record = None;
        self.belong_together = false;
    }

    /// Makes a storage hold all of the changes or none of them.
    pub(crate) fn keep_together(&mut self) {
        self.belong_together = true;
    }

    pub(crate) fn belong_together(&self) -> bool {
        self.belong_together
    }

    fn capacity(&self) -> usize {
        let taken = self.taken.capacity() * size_of::<Taken>();
        let pages = self.pages.capacity() * size_of::<Page>();
        self.names.capacity() + self.values.capacity() + taken + pages + self.scratch.capacity()
    }

    /// Adds an event that had these marks. Its values stay as they are, unless one of the following
    /// calls changes them.
    pub(crate) fn add(&mut self, name: &str, marks: Marks, stale: Stale) {
        self.names.push(name);
        self.taken.push(Taken {
            marks,
            stale,
            event: Value::Unchanged,
            others: Value::Unchanged,
            is_first: false,
        });
    }

    /// Makes a storage without transactions save the event that was added last before events that
    /// are not marked like this.
    pub(crate) fn put_first(&mut self) {
        if let Some(taken) = self.taken.last_mut() {
            taken.is_first = true;
        }
    }

    /// The events that precede others.
    pub(crate) fn first(&self) -> impl Iterator<Item = &str> {
        self.names.iter().zip(&self.taken).filter(|(_, taken)| taken.is_first).map(|(name, _)| name)
    }

    /// Removes a value of the event that was added last.
    pub(crate) fn remove(&mut self, part: Part) {
        self.set(part, Value::Removed);
    }

    /// Puts a value of the event that was added last. `encode` appends its bytes to the first
    /// argument and may use the second one as a buffer.
    pub(crate) fn put(&mut self, part: Part, encode: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) {
        let start = self.values.len();
        encode(&mut self.values, &mut self.scratch);
        self.set(part, Value::Put { start, end: self.values.len() });
    }

    fn set(&mut self, part: Part, value: Value) {
        if let Some(taken) = self.taken.last_mut() {
            *(match part {
                Part::Event => &mut taken.event,
                Part::Others => &mut taken.others,
            }) = value;
        }
    }

    /// Adds a page, which is written before the events or after them. `encode` appends its bytes.
    pub(crate) fn put_page(&mut self, id: PageId, precedes_events: bool, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.values.len();
        encode(&mut self.values);
        self.pages.push(Page { id, precedes_events, range: start..self.values.len() });
    }

    /// Adds the store record.
    pub(crate) fn put_record(&mut self, record: &StoreRecord) {
        let start = self.values.len();
        codec::put_store_record(record, &mut self.values);
        self.record = Some(start..self.values.len());
    }

    /// The bytes of the store record, if it has to be written.
    pub(crate) fn record(&self) -> Option<&[u8]> {
        self.values.get(self.record.clone()?)
    }

    /// All changes in the order in which a storage without transactions has to save them.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = Change<'_>> + Clone {
        let pages = |precedes_events: bool| {
            let pages = self.pages.iter().filter(move |page| page.precedes_events == precedes_events);
            pages.filter_map(move |Page { id, range, .. }| {
                let bytes = self.values.get(range.clone())?;
                Some(Change::Page { id: *id, bytes, precedes_events })
            })
        };
        let events = self.events().map(|(name, part, value)| Change::Event(name, part, value));
        pages(true).chain(events).chain(pages(false))
    }

    /// The pages that have to be written.
    pub(crate) fn pages(&self) -> impl Iterator<Item = PageId> {
        self.pages.iter().map(|page| page.id)
    }

    /// The values of events that have to be written, each with its bytes; `None` if it is removed.
    ///
    /// Cells that move from the event to the others
    /// are saved there before they leave the event. The others are removed after the event was
    /// saved, which can hold their counts.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&str, Part, Option<&[u8]>)> + Clone {
        self.names.iter().zip(&self.taken).flat_map(move |(name, taken)| {
            let (event, others) = ((Part::Event, taken.event), (Part::Others, taken.others));
            let in_order = if taken.others == Value::Removed { [event, others] } else { [others, event] };
            in_order.into_iter().filter_map(move |(part, value)| match value {
                Value::Unchanged => None,
                Value::Removed => Some((name, part, None)),
                Value::Put { start, end } => Some((name, part, self.values.get(start..end))),
            })
        })
    }

    /// The names of the events that are removed.
    pub(crate) fn removed(&self) -> impl Iterator<Item = &str> {
        let is_removed = |(_, taken): &(&str, &Taken)| taken.event == Value::Removed;
        self.names.iter().zip(&self.taken).filter(is_removed).map(|(name, _)| name)
    }

    /// Whether no event and no page has to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.events().next().is_none()
    }

    /// Every event with the marks that it had, and which of its values lacked what was in memory.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (&str, Marks, Stale)> {
        self.names.iter().zip(&self.taken).map(|(name, taken)| (name, taken.marks, taken.stale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_of_many_events_are_freed_after_each_kind_of_change() {
        let name = |index: usize| format!("event {index}");
        let fill: [fn(&mut Changes); 3] = [
            |_| (),
            |changes| changes.remove(Part::Event),
            |changes| changes.put(Part::Event, |out, _| out.push(0)),
        ];
        for fill in fill {
            let fill = |changes: &mut Changes, name: &str| {
                changes.add(name, Marks::ALL, Stale::default());
                fill(changes);
            };
            let mut changes = Changes::default();
            (0..20_000).for_each(|index| fill(&mut changes, &name(index)));
            assert!(changes.capacity() > MAX_RETAINED_CHANGES_BYTES);
            changes.clear();
            assert!(changes.capacity() <= MAX_RETAINED_CHANGES_BYTES && changes.marks().next().is_none());
            (0..20).for_each(|index| fill(&mut changes, &name(index)));
            let kept = changes.capacity();
            changes.clear();
            assert_eq!(changes.capacity(), kept);
        }
    }
}
