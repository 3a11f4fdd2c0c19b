//! Numbers that stand for events, limits and questions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::RwLock;

/// What a number stands for.
#[derive(Debug, Clone)]
pub(in crate::ffi) enum Numbered {
    /// A store. It is not kept open.
    Store(Weak<crate::EventStore>),
    Event(Arc<CountedEvent>),
    Limit(Arc<crate::PreparedLimit>, Arc<str>),
    Question(Arc<crate::PreparedQuestion>),
}

/// An event, and the store that counts it. The store is not kept open: its number may be released
/// long after the store was given up.
#[derive(Debug)]
pub(in crate::ffi) struct CountedEvent {
    pub(super) store: Weak<crate::EventStore>,
    pub(super) name: String,
}

/// A tree needs no pause to grow or to shrink, as a hash table does.
static NUMBERED: RwLock<BTreeMap<i64, Numbered>> = RwLock::new(BTreeMap::new());

/// The next number. No number is issued twice.
static NEXT: AtomicI64 = AtomicI64::new(1);

/// Returns a new number, which is valid until it is released.
fn issue(numbered: Numbered) -> i64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NUMBERED.write().insert(number, numbered);
    number
}

/// Returns a new number for an event.
pub(in crate::ffi) fn issue_event(store: Weak<crate::EventStore>, name: String) -> i64 {
    issue(Numbered::Event(Arc::new(CountedEvent { store, name })))
}

/// Returns what a number stands for. The lock is released, so that no call waits for another one.
#[inline]
pub(super) fn find(number: i64) -> Option<Numbered> {
    NUMBERED.read().get(&number).cloned()
}

/// Releases a number. Releasing an unknown number does nothing.
pub(super) fn release(number: i64) {
    let numbered = NUMBERED.write().remove(&number);
    // Dropped without the lock: it can hold what takes long to drop.
    drop(numbered);
}

/// A number that is valid until this is dropped.
#[derive(Debug)]
pub(in crate::ffi) struct Number(pub(in crate::ffi) i64);

impl Number {
    pub(in crate::ffi) fn of(numbered: Numbered) -> Number {
        Number(issue(numbered))
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        release(self.0);
    }
}
