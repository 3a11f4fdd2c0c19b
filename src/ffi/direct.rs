//! Recording through a plain C symbol, without UniFFI. UniFFI passes a status with every call; on a
//! JVM this takes about fifty times as long as the recording itself.
//!
//! This is the only symbol that is written by hand. It takes numbers and no pointers, so a number
//! that was never issued or whose event was freed is found to be unknown.

// `no_mangle` counts as unsafe code. There is no unsafe block.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::RwLock;

use super::checked;
use super::counted_event::CountedEvent;

/// The events that have a number.
static EVENTS: RwLock<BTreeMap<i64, Arc<CountedEvent>>> = RwLock::new(BTreeMap::new());

/// The next number. No number is issued twice.
static NEXT: AtomicI64 = AtomicI64::new(1);

/// The number of an event. It is valid until this is dropped.
#[derive(Debug)]
pub(super) struct EventNumber(pub(super) i64);

impl EventNumber {
    pub(super) fn of(event: &Arc<CountedEvent>) -> EventNumber {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        EVENTS.write().insert(number, event.clone());
        EventNumber(number)
    }
}

impl Drop for EventNumber {
    fn drop(&mut self) {
        let event = EVENTS.write().remove(&self.0);
        // Dropped without the lock: the last handle closes its store, which waits for the disk.
        drop(event);
    }
}

/// Does the same as `Event::record` for the event with this number. Returns 1, or 0 if nothing was
/// recorded; `Event::record` then returns the reason.
#[unsafe(no_mangle)]
pub extern "C" fn tiny_counter_record(number: i64, count: i64) -> i32 {
    // A panic must not unwind into code of another language.
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

    fn counted(store: &Arc<EventStore>) -> Arc<CountedEvent> {
        Arc::new(CountedEvent { store: store.clone(), name: "tap".into() })
    }

    #[test]
    fn a_number_records_until_its_event_is_freed() {
        let store = Arc::new(EventStore::new());
        let event = counted(&store);
        let number = EventNumber::of(&event);
        let raw = number.0;
        assert_eq!(tiny_counter_record(raw, 3), 1);
        drop((number, event));
        assert_eq!(tiny_counter_record(raw, 4), 0);
        assert_eq!(store.query("tap").lifetime(), Some(3));
        assert_eq!(Arc::strong_count(&store), 1);
    }

    #[test]
    fn an_unknown_number_or_an_invalid_count_records_nothing() {
        let store = Arc::new(EventStore::new());
        let (one, other) = (EventNumber::of(&counted(&store)), EventNumber::of(&counted(&store)));
        assert_ne!(one.0, other.0);
        for (number, count) in
            [(0, 1), (-1, 1), (i64::MAX, 1), (one.0, -1), (one.0, 1 << 32), (other.0, i64::MIN)]
        {
            assert_eq!(tiny_counter_record(number, count), 0, "{number} {count}");
        }
        assert_eq!(store.query("tap").lifetime(), None);
    }
}
