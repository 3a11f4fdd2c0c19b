//! The hold on its store that a question gives back, kept by the thread for its next one.
//!
//! A question owns its hold on the store, so that it may outlive the borrow it came from. Counting that costs two atomic operations, as
//! much as the lock itself; a thread that asks one question after the other pays it once. What is kept is let go of with the thread, with its
//! next question to another store, or when it drops the store.

use std::cell::Cell;
use std::sync::Arc;

use super::inner::Inner;

thread_local! {
    static SPARE: Cell<Option<Arc<Inner>>> = const { Cell::new(None) };
}

/// A hold on the store.
#[inline]
pub(crate) fn take(inner: &Arc<Inner>) -> Arc<Inner> {
    // A thread that ends has none.
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    spare.filter(|spare| Arc::ptr_eq(spare, inner)).unwrap_or_else(|| inner.clone())
}

/// Keeps a hold for the next question.
#[inline]
pub(crate) fn put(inner: Arc<Inner>) {
    let _ = SPARE.try_with(|spare| spare.set(Some(inner)));
}

/// Lets go of what this thread keeps.
pub(crate) fn clear() {
    let _ = SPARE.try_with(Cell::take);
}
