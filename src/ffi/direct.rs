//! Recording through a plain symbol. What the foreign interface does around every call, a status that goes across and back, costs a
//! JVM some fifty times the recording itself.
//!
//! The only symbol that is written by hand. Numbers cross and no pointers: one that was never given out, or whose event was let go
//! of, finds nothing.

// To name the symbol; there is no unsafe block.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::RwLock;

use super::event::Counted;
use crate::checked;

/// The events that were given out, by their numbers.
static EVENTS: RwLock<BTreeMap<i64, Arc<Counted>>> = RwLock::new(BTreeMap::new());

/// No number is given out twice.
static NEXT: AtomicI64 = AtomicI64::new(1);

/// The number of an event, known for as long as this is kept.
#[derive(Debug)]
pub(super) struct Number(pub(super) i64);

impl Number {
    pub(super) fn of(event: &Arc<Counted>) -> Number {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        EVENTS.write().insert(number, event.clone());
        Number(number)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        let event = EVENTS.write().remove(&self.0);
        // The last handle may end its store, which takes its time: not under the lock.
        drop(event);
    }
}

/// Does what `Event::record` does with the event of that number. 1 if so; 0 if nothing was done, and `Event::record` says why.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_record(number: i64, count: i64) -> i32 {
    // A panic must not go on into a program of another language.
    catch_unwind(AssertUnwindSafe(|| record(number, count).is_some())).unwrap_or(false).into()
}

fn record(number: i64, count: i64) -> Option<()> {
    let count = checked::count(count).ok()?;
    let event = EVENTS.read().get(&number).cloned()?;
    event.store.record_count(&event.name, count);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventStore;

    fn counted(store: &Arc<EventStore>) -> Arc<Counted> {
        Arc::new(Counted { store: store.clone(), name: "tap".into() })
    }

    #[test]
    fn a_number_records_for_as_long_as_its_event_is_kept() {
        let store = Arc::new(EventStore::new());
        let event = counted(&store);
        let number = Number::of(&event);
        let raw = number.0;
        assert_eq!(tiny_counter_record(raw, 3), 1);
        drop((number, event));
        assert_eq!(tiny_counter_record(raw, 4), 0);
        assert_eq!(store.query("tap").lifetime(), Some(3));
        assert_eq!(Arc::strong_count(&store), 1);
    }

    #[test]
    fn what_is_no_number_or_no_count_records_nothing() {
        let store = Arc::new(EventStore::new());
        let (one, other) = (Number::of(&counted(&store)), Number::of(&counted(&store)));
        assert_ne!(one.0, other.0);
        for (number, count) in
            [(0, 1), (-1, 1), (i64::MAX, 1), (one.0, -1), (one.0, 1 << 32), (other.0, i64::MIN)]
        {
            assert_eq!(tiny_counter_record(number, count), 0, "{number} {count}");
        }
        assert_eq!(store.query("tap").lifetime(), None);
    }
}
