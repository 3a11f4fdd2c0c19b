//! Making two events even.

use super::EventStore;
use super::flush::Due;
use crate::counter::reading::Doubt;
use crate::error::Result;
use crate::event_id::{EventId, checked};
use crate::query::span::Span;
use crate::time::unit::TimeUnit;

impl EventStore {
    /// Records what is missing to the event that happened less often, over all buckets of the longest tracked unit, so that both are even. Reading and recording
    /// are one step.
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
    /// `InvalidEvent` for a name of more than 1,024 bytes, what hinders reading the events, `Closed`. Nothing is recorded then.
    pub fn balance_delta(&self, positive: impl EventId, negative: impl EventId) -> Result<()> {
        let names = [checked(positive.as_ref())?, checked(negative.as_ref())?];
        let now = self.inner.now();
        let mut state = self.inner.loaded_or_error(names)?;
        state.present.turn_to(now);
        let span = Span::last(usize::MAX, TimeUnit::Ever).resolve(
            &state.present.tracking,
            &state.present.view,
            &state.present.zone,
        );
        let [positive, negative] = names.map(|name| {
            let reading = state.reading(name).zip(span.as_ref());
            reading.map_or(0, |(reading, span)| reading.sum(span.unit, Doubt::Counts, span.back.clone()))
        });
        let [above, below] = names;
        let short = if positive > negative { below } else { above };
        if positive != negative {
            state.record(now, short, positive.abs_diff(negative), || self.inner.may_hold(short));
        }
        drop(state);
        if self.inner.inline {
            return self.inner.flush(Due::Unwritten, false);
        }
        self.inner.wake_writer();
        Ok(())
    }
}
