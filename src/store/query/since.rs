//! Queries about one event since a marker.

use super::answered::{Answered, answers};
use crate::counter::window::CountBounds;
use crate::engine::Snapshot;
use crate::error::Result;
use crate::query::range::check_marker;
use crate::query::since;
use crate::store::EventStore;
use crate::store::inline_names::NamePair;

/// A query about one event since the latest recording of a marker. `Query::since` begins one. If
/// the event is not a marker of the store, the `try_` forms return `ConfigMismatch`.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct SinceQuery<'a> {
    store: &'a EventStore,
    /// The event and the marker.
    names: NamePair,
}

impl<'a> SinceQuery<'a> {
    pub(super) fn new(store: &'a EventStore, event: &str, marker: &str) -> SinceQuery<'a> {
        SinceQuery { store, names: NamePair::new(event, marker) }
    }

    answers! {
        /// How often the event happened since the marker, at most 4,294,967,295 (`total` has 64
        /// bits). If that is not exactly known, the upper one of the `bounds`, losses left aside.
        /// Absent if the event is not known, and with a warning in the log if the marker was not
        /// declared.
        sum, try_sum() -> Option<u32> = |query| query.ask(since::total).map(|total| {
            total.map(|total| u32::try_from(total).unwrap_or(u32::MAX))
        });

        /// As `sum`, in 64 bits.
        total, try_total() -> Option<u64> = |query| query.ask(since::total);

        /// The least and the greatest number of times that the event can have happened since the
        /// marker. They are equal if this device recorded the marker last, as it happened, and only
        /// this device counted the event. They can differ if another device recorded the marker
        /// last or counted the event since, if the marker was last recorded in the past, if it was
        /// not declared when it was last recorded, or if one of the two was imported since. After a
        /// loss of stored counts they are 0 and `u64::MAX`. Absent if nothing is known of the
        /// event, and with a warning in the log if the marker was not declared.
        bounds, try_bounds() -> Option<CountBounds> = |query| query.ask(since::bounds);

        /// Whether the number is known: the `bounds` are equal. False if nothing is known of the
        /// event.
        is_complete, try_is_complete() -> bool = |query| query.ask(since::bounds).map(|bounds| {
            bounds.is_some_and(|bounds| bounds.lower == bounds.upper)
        });
    }

    fn ask<R>(self, answer: impl FnOnce(Snapshot<'_>, &str, &str) -> Option<R>) -> Answered<Option<R>> {
        let [event, marker] = self.names.get();
        let answered = self.store.shared.ask([event, marker], |snapshot| -> Result<Option<R>> {
            check_marker(marker, snapshot)?;
            Ok(answer(snapshot, event, marker))
        });
        answered.flatten()
    }
}
