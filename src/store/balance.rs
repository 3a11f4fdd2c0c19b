//! Making the counts of two events equal.

use std::iter::once;

use super::EventStore;
use crate::error::Result;
use crate::event_id::{EventId, checked_name};
use crate::query::{QueryRange, evaluate};
use crate::time::unit::TimeUnit;

impl EventStore {
    /// Adds to the event with the lower count until both are equal, over all buckets of the longest
    /// tracked unit. Reading and recording are one step.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record_count("credits", 100);
    /// store.record_count("debits", 30);
    ///
    /// // Balance adds 70 to debits to equalize
    /// store.balance_delta("credits", "debits").unwrap();
    ///
    /// let delta = store.query_delta("credits", "debits").ever().sum();
    /// assert_eq!(delta, 0);
    /// ```
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes; an event that cannot be read; `Closed`.
    /// Nothing is recorded then.
    pub fn balance_delta(&self, positive: impl EventId, negative: impl EventId) -> Result<()> {
        let names = [checked_name(positive.as_ref())?, checked_name(negative.as_ref())?];
        let now = self.shared.now();
        self.shared.with_loaded_at(names, now, |engine| {
            let snapshot = engine.snapshot();
            let range = QueryRange::last(usize::MAX, TimeUnit::Ever).resolve_in(snapshot);
            let [positive, negative] = names.map(|name| {
                let reading = snapshot.reading(name).zip(range.as_ref());
                reading.map_or(0, |(reading, range)| evaluate::total(once(reading), range))
            });
            let [first, second] = names;
            let lower = if positive > negative { second } else { first };
            if positive != negative {
                let difference = positive.abs_diff(negative);
                engine.record(lower, difference, || self.shared.may_hold(lower));
            }
            Ok(())
        })?;
        self.shared.arrange_write();
        Ok(())
    }
}
