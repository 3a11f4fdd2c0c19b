//! Watching what changes.

use std::fmt;
use std::sync::Arc;

use super::EventStore;
use super::shared::Shared;
use crate::bounds::MAX_WATCHES;
use crate::engine::Changed;
use crate::error::{Error, Result};

/// Tells which events changed: see `EventStore::changes`. Dropping it ends it.
pub struct Changes {
    shared: Arc<Shared>,
    number: u64,
}

impl EventStore {
    /// Watches the store from now on, for whoever shows counts.
    ///
    /// A change is whatever can alter an answer, except that time passes:
    ///
    /// - of an event: a recording, a decision that counts, a reservation and its end, a merge, an
    ///   import, an erasure, a loss of its stored counts;
    /// - of every event: another time zone, a corrected clock, an acknowledged loss, closing and
    ///   opening again.
    ///
    /// Asking and persisting change nothing. But they can find that the clock was corrected, or
    /// that stored counts are lost.
    ///
    /// Changes are collected until they are taken, so that many recordings are one answer. No
    /// recording waits for a watch, and none of the app's code runs in a recording.
    ///
    /// ```
    /// use std::thread;
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// let changes = store.changes().unwrap();
    /// thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         while let Some(changed) = changes.next() {
    ///             if changed.concerns("launch") {
    ///                 println!("{:?}", store.query("launch").lifetime());
    ///             }
    ///         }
    ///     });
    ///     store.record("launch");
    ///     changes.end();
    /// });
    /// ```
    ///
    /// # Errors
    /// `Unavailable` if the store has 64 watches. A store can be watched while it is closed.
    pub fn changes(&self) -> Result<Changes> {
        match self.shared.with_memory(|engine| engine.watches.add()) {
            Some(number) => Ok(Changes { shared: Arc::clone(&self.shared), number }),
            None => Err(Error::Unavailable {
                what: format!("the store is watched {MAX_WATCHES} times already; end other watches first"),
                event: None,
            }),
        }
    }
}

impl Changes {
    /// Waits until something changed since the last call of `next` or `take`, and returns it.
    /// Absent once the watch was ended or the store dropped. If several threads wait, each change
    /// is returned to one of them.
    pub fn next(&self) -> Option<Changed> {
        self.shared.wait_for_change(self.number)
    }

    /// Returns what changed since the last call of `next` or `take`, without waiting. Absent if
    /// nothing did.
    pub fn take(&self) -> Option<Changed> {
        self.shared.with_memory(|engine| engine.watches.take(self.number)).flatten()
    }

    /// Ends the watch. A thread in `next` returns.
    pub fn end(&self) {
        self.shared.with_memory(|engine| engine.watches.remove(self.number));
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
