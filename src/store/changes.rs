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

/// Room for more bytes or events than this is given back: what a decision needs is kept, what a persist of everything needs is not held for ever.
const KEEP: usize = 16 << 10;
const KEEP_EVENTS: usize = 128;

impl Changes {
    /// Empties it, and keeps the room for the next ones.
    pub(crate) fn clear(&mut self) {
        if self.values.capacity() > KEEP || self.taken.capacity() > KEEP_EVENTS {
            *self = Changes::default();
        }
        self.names.clear();
        self.values.clear();
        self.taken.clear();
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
