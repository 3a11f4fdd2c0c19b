//! What is handed to a storage, in three pieces of memory however many events it concerns.

use super::entry::Marks;
use super::names::Names;

/// Events as they are to be stored, with the marks that each had.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    names: Names,
    values: Vec<u8>,
    taken: Vec<Taken>,
    /// Room for a moment.
    scratch: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Taken {
    marks: Marks,
    value: Value,
}

/// What becomes of an event in the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// It is there as it is.
    Unchanged,
    Removed,
    /// It is these bytes of all values.
    Put {
        begins: usize,
        ends: usize,
    },
}

/// Room for more bytes than this is given back: what a decision needs is kept, what a persist of everything needs is not held for ever.
const KEEP: usize = 16 << 10;

impl Changes {
    /// Empties it, and keeps the room for the next ones.
    pub(crate) fn clear(&mut self) {
        if self.room() > KEEP {
            *self = Changes::default();
        }
        self.names.clear();
        self.values.clear();
        self.taken.clear();
    }

    fn room(&self) -> usize {
        let taken = self.taken.capacity() * size_of::<Taken>();
        self.names.room() + self.values.capacity() + taken + self.scratch.capacity()
    }

    /// An event that the storage has as it is: only whether it is safe there is of interest.
    pub(crate) fn unchanged(&mut self, name: &str, marks: Marks) {
        self.add(name, marks, Value::Unchanged);
    }

    pub(crate) fn remove(&mut self, name: &str, marks: Marks) {
        self.add(name, marks, Value::Removed);
    }

    /// An event, which `encode` appends to its first argument; the second one is room for a moment.
    pub(crate) fn put(&mut self, name: &str, marks: Marks, encode: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) {
        let begins = self.values.len();
        encode(&mut self.values, &mut self.scratch);
        self.add(name, marks, Value::Put { begins, ends: self.values.len() });
    }

    fn add(&mut self, name: &str, marks: Marks, value: Value) {
        self.names.push(name);
        self.taken.push(Taken { marks, value });
    }

    /// What has to be written, each with its bytes; absent: it is to be removed.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
        self.names.iter().zip(&self.taken).filter_map(|(name, taken)| match taken.value {
            Value::Unchanged => None,
            Value::Removed => Some((name, None)),
            Value::Put { begins, ends } => Some((name, self.values.get(begins..ends))),
        })
    }

    /// Whether nothing has to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken.iter().all(|taken| taken.value == Value::Unchanged)
    }

    /// Every event with the marks that it had.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (&str, Marks)> {
        self.names.iter().zip(&self.taken).map(|(name, taken)| (name, taken.marks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_events_took_is_given_back_whatever_became_of_them() {
        let name = |place: usize| format!("event {place}");
        let fill: [fn(&mut Changes, &str); 3] = [
            |changes, name| changes.unchanged(name, Marks::ALL),
            |changes, name| changes.remove(name, Marks::ALL),
            |changes, name| changes.put(name, Marks::ALL, |out, _| out.push(0)),
        ];
        for fill in fill {
            let mut changes = Changes::default();
            (0..20_000).for_each(|place| fill(&mut changes, &name(place)));
            assert!(changes.room() > KEEP);
            changes.clear();
            assert!(changes.room() <= KEEP && changes.marks().next().is_none());
            (0..20).for_each(|place| fill(&mut changes, &name(place)));
            let kept = changes.room();
            changes.clear();
            assert_eq!(changes.room(), kept);
        }
    }
}
