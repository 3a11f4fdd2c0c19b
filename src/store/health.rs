//! What a store has to say about itself.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};

use super::EventStore;
use crate::error::Result;
use crate::time::instant::to_time;

/// Stored counts that are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The event concerned; absent where it is not known which.
    pub event: Option<String>,
    /// When the store found out.
    pub noticed: DateTime<Utc>,
}

/// How a store is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// What was lost and is not acknowledged.
    pub losses: Vec<Loss>,
    /// Damaged files that were kept for whoever wants to look into them.
    pub kept_aside: Vec<PathBuf>,
    /// Events whose stored counts are damaged or of a newer version, as far as they were asked for. What is stored is left as it is until the event is
    /// erased or imported.
    pub quarantined: Vec<String>,
    /// The last call to the storage failed: answers come from memory, and nothing new is saved until one succeeds.
    pub storage_fails: bool,
    /// The clock went back, and has not yet reached what it showed before: since when, by the clock as it is now.
    pub clock_went_back: Option<DateTime<Utc>>,
    /// The time zone's table has ended: since when its last offset is taken for granted. Hand over a new table.
    pub zone_ended: Option<DateTime<Utc>>,
}

impl EventStore {
    /// What is wrong with the store, if anything. All empty and absent: nothing is.
    pub fn health(&self) -> Health {
        let now = self.inner.now();
        let mut state = self.inner.state.lock();
        state.present.turn_to(now);
        let loss = |(event, noticed): &(Option<String>, i64)| Loss {
            event: event.clone(),
            noticed: to_time(*noticed),
        };
        Health {
            losses: state.losses.iter().map(loss).collect(),
            kept_aside: state.kept_aside.clone(),
            quarantined: state.quarantine.iter().map(|name| name.to_string()).collect(),
            storage_fails: self.inner.failing.load(Ordering::Relaxed),
            clock_went_back: state.present.watch.noticed().map(to_time),
            zone_ended: state.present.zone.table_end().filter(|end| *end <= now).map(to_time),
        }
    }

    /// Says that the app knows of the losses that `health` reports: they are no longer reported.
    ///
    /// # Errors
    /// What hinders saving that; without a storage there is nothing to save.
    pub fn acknowledge_loss(&self) -> Result<()> {
        self.inner.check_open()?;
        self.inner.state.lock().losses.clear();
        if self.inner.backend.is_some() { self.persist() } else { Ok(()) }
    }
}
