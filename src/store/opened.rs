//! A store that is being built: what it continues from.

#[cfg(feature = "storage-fs")]
use std::path::PathBuf;
use std::sync::Arc;

use super::EventStore;
use super::backend::{Backend, Damage};
#[cfg(feature = "storage-fs")]
use super::identity;
use super::opening;
use super::shared::Shared;
use super::sync_keys::SyncKeys;
use crate::clock::TimeSource;
use crate::codec::StoreRecord;
use crate::engine::Engine;
#[cfg(feature = "storage-fs")]
use crate::error::Error;
use crate::error::Result;

/// A storage that was opened, or one that stays closed.
pub(super) struct OpenedStorage {
    pub(super) storage: Box<dyn Backend>,
    /// What it has lost; absent if it stays closed.
    pub(super) damage: Option<Damage>,
    pub(super) writes_inline: bool,
}

/// A store that is being opened.
pub(super) struct Opened {
    engine: Engine,
    pub(super) storage: Option<Box<dyn Backend>>,
    record: Option<StoreRecord>,
    writes_inline: bool,
    is_closed: bool,
    #[cfg(feature = "storage-fs")]
    identity: Option<PathBuf>,
}

impl Opened {
    pub(super) fn in_memory(engine: Engine) -> Opened {
        Opened {
            engine,
            storage: None,
            record: None,
            writes_inline: false,
            is_closed: false,
            #[cfg(feature = "storage-fs")]
            identity: None,
        }
    }

    /// Continues from what a storage holds, unless it stays closed.
    pub(super) fn resume(&mut self, opened: OpenedStorage, time_source: &TimeSource) -> Result<()> {
        let OpenedStorage { storage, damage, writes_inline } = opened;
        self.writes_inline = writes_inline;
        self.is_closed = damage.is_none();
        if let Some(damage) = damage {
            self.record = opening::begin(&mut self.engine, storage.as_ref(), damage, time_source)?;
        }
        self.storage = Some(storage);
        Ok(())
    }

    /// Compares the identity with the one in the storage, unless it stays closed.
    #[cfg(feature = "storage-fs")]
    pub(super) fn identify(&mut self, file: Option<PathBuf>, time_source: &TimeSource) -> Result<()> {
        self.identity = file;
        let Some(file) = &self.identity else { return Ok(()) };
        let storage = self.storage.as_deref().ok_or_else(|| {
            Error::ConfigMismatch(
                "an identity needs a storage; give the store one, or leave out the identity".into(),
            )
        })?;
        if self.is_closed {
            return Ok(());
        }
        identity::identify(&mut self.engine, storage, &mut self.record, file, time_source)
    }

    pub(super) fn into_store(self, time_source: TimeSource, sync_keys: SyncKeys) -> EventStore {
        let mut shared = Shared::new(time_source, self.engine, self.storage, self.record, self.writes_inline);
        shared.sync_keys = sync_keys;
        shared.set_closed(self.is_closed);
        #[cfg(feature = "storage-fs")]
        {
            shared.identity = self.identity;
        }
        EventStore { shared: Arc::new(shared) }
    }
}
