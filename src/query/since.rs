//! The answers to questions about the time since a marker.

use crate::counter::window::{Bound, CountBounds};
use crate::engine::Snapshot;

/// How often an event happened since a marker, at most; absent if it is not known.
pub(crate) fn total(snapshot: Snapshot<'_>, event: &str, marker: &str) -> Option<u64> {
    snapshot.reading(event).map(|_| snapshot.count_since(event, marker, Bound::Upper))
}

/// The bounds of that number.
pub(crate) fn bounds(snapshot: Snapshot<'_>, event: &str, marker: &str) -> Option<CountBounds> {
    if snapshot.is_lost_since(event, marker) {
        return Some(CountBounds { lower: 0, upper: u64::MAX });
    }
    snapshot.reading(event).map(|_| CountBounds::of(|bound| snapshot.count_since(event, marker, bound)))
}
