//! The erasures of a message that are new here, and the events in memory that they are about. Both
//! are found in portions before the message is merged, so that the merge need not look at every
//! event.

use super::Engine;
use super::erase::key;
use crate::codec::Message;
use crate::counter::lane::Generation;

/// What was found, and the state for which it holds.
pub(crate) struct Erasures {
    /// Ascending by key.
    pub(super) new: Vec<([u8; 16], Generation)>,
    pub(super) names: Vec<Box<str>>,
    store_generation: u32,
    insertions: u64,
}

impl Erasures {
    /// Adds an event in memory, if it is erased.
    pub(crate) fn visit(&mut self, name: &str) {
        if self.new.binary_search_by_key(&key(name), |(key, _)| *key).is_ok() {
            self.names.push(name.into());
        }
    }

    /// Whether every event in memory has to be visited.
    pub(crate) fn is_search_needed(&self) -> bool {
        !self.new.is_empty()
    }
}

impl Engine {
    /// Begins to look for new erasures.
    pub(crate) fn begin_erasures(&self) -> Erasures {
        Erasures {
            new: Vec::new(),
            names: Vec::new(),
            store_generation: self.store_generation,
            insertions: self.events.insertions(),
        }
    }

    /// Adds those of `erased` that are new.
    pub(crate) fn add_new_erasures(&self, erased: &[([u8; 16], Generation)], found: &mut Erasures) {
        let is_new = |(key, theirs): &&([u8; 16], Generation)| {
            self.erased_generation(key).unwrap_or_default() < *theirs
        };
        found.new.extend(erased.iter().filter(is_new));
    }

    /// Whether nothing changed that would make `found` incomplete, and the message does not erase
    /// everything.
    pub(super) fn is_complete(&self, found: &Erasures, message: &Message) -> bool {
        found.insertions == self.events.insertions()
            && found.store_generation == self.store_generation
            && message.store_generation <= self.store_generation
    }
}
