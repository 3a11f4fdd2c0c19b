//! Writes that belong together, in a storage without transactions.
//!
//! They are saved as one record first, the batch. Then each of them is done, and the batch is
//! deleted. If the process is killed between, the next opening does them again. Nothing else is
//! written while there is a batch, so it never brings back an earlier value.

use super::storage_reads::advised;
use crate::codec::{self, BatchWrite, Malformed};
use crate::error::{Error, Result};
use crate::formatter::envelope::STORE_RECORD;
use crate::storage::{Storage, key};

/// The name of the record.
const BATCH: &str = "batch";

/// Saves the batch. A batch that is too large for one record is left out: the writes are then done
/// one by one, as those that do not belong together.
pub(super) fn begin(storage: &mut dyn Storage, writes: &[BatchWrite]) -> Result<()> {
    let mut payload = Vec::new();
    codec::put_batch(writes, &mut payload);
    match STORE_RECORD.seal(&key::reserved(BATCH), &payload) {
        Ok(sealed) => storage.save(&key::reserved(BATCH), sealed),
        Err(_) => Ok(()),
    }
}

/// Deletes the batch when its writes are done.
pub(super) fn end(storage: &mut dyn Storage) -> Result<()> {
    storage.delete(&key::reserved(BATCH))
}

/// Whether one of the keys is that of a batch.
pub(super) fn is_among(keys: &[String]) -> bool {
    keys.contains(&key::reserved(BATCH))
}

/// Does the writes of a batch that was begun, if there is one. Answers false if the batch is
/// damaged: some of its writes may have been done.
///
/// # Errors
/// Those of the storage. The batch is still there then.
pub(super) fn finish(storage: &mut dyn Storage) -> Result<bool> {
    let stored = storage.load(&key::reserved(BATCH));
    let Some(bytes) = stored.map_err(|error| {
        Error::unavailable(advised("the storage could not read a batch of writes", &error))
    })?
    else {
        return Ok(true);
    };
    let writes = STORE_RECORD
        .open(&key::reserved(BATCH), &bytes)
        .and_then(|payload| codec::batch(payload).map_err(|Malformed(what)| Error::corrupt(what)));
    let is_whole = match writes {
        Ok(writes) => {
            save_all(storage, writes)?;
            true
        }
        Err(error @ Error::Incompatible { .. }) => return Err(error),
        Err(_) => false,
    };
    storage.sync()?;
    end(storage)?;
    Ok(is_whole)
}

/// Saves and deletes, in the given order.
pub(super) fn save_all(
    storage: &mut dyn Storage,
    writes: impl IntoIterator<Item = BatchWrite>,
) -> Result<()> {
    writes.into_iter().try_for_each(|(key, bytes)| match bytes {
        Some(bytes) => storage.save(&key, bytes),
        None => storage.delete(&key),
    })
}
