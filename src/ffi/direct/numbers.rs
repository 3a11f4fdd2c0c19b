//! Numbers that stand for events, limits and questions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::RwLock;

use crate::store::EventHandle;

/// What a number stands for. None of it keeps its store open: a number may be released long after
/// the store was given up.
#[derive(Debug, Clone)]
pub(in crate::ffi) enum Numbered {
    Event(Arc<EventHandle>),
    Limit(Arc<EventLimit>),
    Question(Arc<crate::PreparedQuestion>),
}

/// A limit on one event.
#[derive(Debug)]
pub(in crate::ffi) struct EventLimit {
    pub(in crate::ffi) core: crate::PreparedLimit,
    pub(in crate::ffi) event: String,
}

/// A tree needs no pause to grow or to shrink, as a hash table does.
static NUMBERED: RwLock<BTreeMap<i64, Numbered>> = RwLock::new(BTreeMap::new());

/// The next number. No number is issued twice.
static NEXT: AtomicI64 = AtomicI64::new(1);

/// Returns a new number, which is valid until it is released.
pub(in crate::ffi) fn issue(numbered: Numbered) -> i64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NUMBERED.write().insert(number, numbered);
    number
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
