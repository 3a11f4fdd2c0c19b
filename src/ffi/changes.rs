//! Watching what changes.

use std::sync::Arc;

use super::error::EventStoreError;
use super::store::EventStore;

/// What changed since it was asked for last.
#[derive(Debug, uniffi::Enum)]
pub enum Changed {
    /// These events, at most 64.
    Events {
        /// Their names, in the order of their first change.
        names: Vec<String>,
    },
    /// Any event may have changed.
    All,
}

/// Tells which events changed.
#[derive(Debug, uniffi::Object)]
pub struct Changes {
    core: crate::Changes,
}

#[uniffi::export]
impl EventStore {
    /// Watches the store from now on. Whatever can alter an answer is a change, except that time
    /// passes.
    ///
    /// Fails with `Unavailable` if the store has 64 watches.
    pub fn changes(&self) -> Result<Arc<Changes>, EventStoreError> {
        Ok(Arc::new(Changes { core: self.core.changes()? }))
    }
}

#[uniffi::export]
impl Changes {
    /// Waits until something changed since the last call, and returns it. Absent once the watch was
    /// ended or the store given back.
    pub fn next(&self) -> Option<Changed> {
        self.core.next().map(Changed::from)
    }

    /// Ends the watch. A thread in `next` returns.
    pub fn end(&self) {
        self.core.end();
    }
}

impl From<crate::Changed> for Changed {
    fn from(changed: crate::Changed) -> Self {
        match changed {
            crate::Changed::Events(names) => Self::Events { names },
            crate::Changed::All => Self::All,
        }
    }
}
