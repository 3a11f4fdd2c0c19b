//! What a question or a limit says before it is asked, written into a sheet that the thread uses again and again.
//!
//! A question owns its hold on the store and the names that it is about, so that it may outlive the borrows it came from. Counting that hold
//! costs two atomic operations, as much as the lock itself, and moving the names along costs more; a thread that asks one question after
//! the other pays for them once. What is kept is let go of with the thread, with its next question to another store, or when it
//! drops the store.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::inner::Inner;
use super::names::Names;
use crate::limit::{Asked, Demand};

/// A question in the making.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) inner: Arc<Inner>,
    pub(crate) names: Names,
    /// Of a limit: what it demands, each of the event in a place of the names, or of the schedule in one of theirs. Empty between questions.
    pub(crate) rules: Vec<(usize, Demand)>,
    pub(crate) schedules: Vec<Asked>,
}

thread_local! {
    static SPARE: Cell<Option<Box<Draft>>> = const { Cell::new(None) };
}

/// The most bytes of names, and the most rules and schedules, that a thread keeps room for.
const MOST_KEPT: usize = 4_096;
const MOST_RULES: usize = 64;

/// An empty sheet.
#[inline]
pub(crate) fn take(inner: &Arc<Inner>) -> Box<Draft> {
    // A thread that ends has none.
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    match spare {
        Some(mut spare) if Arc::ptr_eq(&spare.inner, inner) => {
            spare.names.clear();
            spare
        }
        _ => Box::new(Draft {
            inner: inner.clone(),
            names: Names::default(),
            rules: Vec::new(),
            schedules: Vec::new(),
        }),
    }
}

impl Draft {
    #[inline]
    pub(crate) fn clear_rules(&mut self) {
        self.rules.clear();
        self.rules.shrink_to(MOST_RULES);
        if !self.schedules.is_empty() {
            self.schedules.clear();
            self.schedules.shrink_to(MOST_RULES);
        }
    }

    /// Keeps the sheet for the next question, unless the store was closed: nobody may ask that again, and it could be held for ever.
    #[inline]
    pub(crate) fn put_back(self: Box<Self>) {
        if self.names.room() <= MOST_KEPT && !self.inner.closed.load(Ordering::Relaxed) {
            let _ = SPARE.try_with(|spare| spare.set(Some(self)));
        }
    }
}

/// Lets go of what this thread keeps.
pub(crate) fn clear() {
    let _ = SPARE.try_with(Cell::take);
}
