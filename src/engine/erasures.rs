//! Finding the erasures of a message that this store does not know yet, and the events in memory
//! that they erase. Both are found in portions before the merge, so that the merge itself need not
//! visit every event.

use super::Engine;
use super::erased_name::key;
use crate::codec::Message;
use crate::counter::lane::Generation;

/// The new erasures of a message.
pub(crate) struct Erasures {
    /// The hash of each name and the generation after the erasure, ascending by hash.
    pub(super) new: Vec<([u8; 16], Generation)>,
    /// The events in memory that are erased.
    pub(super) names: Vec<Box<str>>,
    /// The state of the engine when the search began. If it has changed, the result may be
    /// incomplete.
    store_generation: u32,
    insertions: u64,
}

impl Erasures {
    /// Adds the name of an event in memory if one of the new erasures is about it.
    pub(crate) fn visit(&mut self, name: &str) {
        if self.new.binary_search_by_key(&key(name), |(key, _)| *key).is_ok() {
            self.names.push(name.into());
        }
    }

    /// Whether the events in memory have to be visited.
    pub(crate) fn is_search_needed(&self) -> bool {
        !self.new.is_empty()
    }
}

impl Engine {
    /// Begins the search for new erasures.
    pub(crate) fn begin_erasures(&self) -> Erasures {
        Erasures {
            new: Vec::new(),
            names: Vec::new(),
            store_generation: self.store_generation,
            insertions: self.events.insertions(),
        }
    }

    /// Adds those of `erased` that this store does not know yet.
    pub(crate) fn add_new_erasures(&self, erased: &[([u8; 16], Generation)], found: &mut Erasures) {
        let is_new = |(key, theirs): &&([u8; 16], Generation)| {
            self.erased_generation(key).unwrap_or_default() < *theirs
        };
        found.new.extend(erased.iter().filter(is_new));
    }

    /// Whether `found` has every new erasure and every event that they erase: no event was added
    /// and nothing was erased since the search began, and the message does not erase everything.
    pub(super) fn is_complete(&self, found: &Erasures, message: &Message) -> bool {
        found.insertions == self.events.insertions()
            && found.store_generation == self.store_generation
            && message.store_generation <= self.store_generation
    }
}
