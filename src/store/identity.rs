//! Whether a store is the original or a copy of it.

use std::path::Path;

use super::backend::Backend;
use super::opening::move_clock;
use crate::clock::TimeSource;
use crate::codec::StoreRecord;
use crate::engine::{Changes, Due, Engine, WriteKind};
use crate::error::Result;
use crate::random::random;
use crate::report::report;
use crate::storage::identity::{self, Token};

/// Compares the token in `file` with the one in the store record.
///
/// - If they are equal, this is the original.
/// - If they differ, the store is a copy or a restored backup: its lane is retired, and a new one
///   is drawn at the next write. Its stored reservations stay, and expire.
/// - If there is a token but no store record, the store is missing: a loss of unknown extent.
/// - If the file does not exist and the store has no token, a token is written: first to the store,
///   then to the file. Then the store notes that the file has it. Nothing is exported before this
///   note is durable.
/// - If the file does not exist and the store has a token without the note, that writing was
///   interrupted, and nothing was exported under the token. The writing is finished.
/// - If the file does not exist and the store has a token with the note, the store is a copy: its
///   lane is retired, and a new token is written.
///
/// `record` is the store record that the storage has.
///
/// # Errors
/// `Unavailable` and `Io` if the file can be neither read nor created. Nothing was changed then. A
/// storage that cannot be written is no error: the next opening tries again.
pub(super) fn identify(
    engine: &mut Engine,
    storage: &dyn Backend,
    record: &mut Option<StoreRecord>,
    file: &Path,
    time_source: &TimeSource,
) -> Result<()> {
    match (identity::read(file)?, engine.identity()) {
        (Some(token), Some((stored, noted))) if token == stored => {
            if !noted {
                note(engine, storage, record, token);
            }
        }
        (Some(token), stored) => {
            if stored.is_none() && record.is_none() && engine.losses().is_empty() {
                report!(error, "the store of this identity is missing; its counts are lost");
                move_clock(engine, time_source);
                engine.add_losses(vec![None]);
            }
            retire(engine);
            engine.set_identity(Some((token, true)));
        }
        (None, Some((stored, false))) => {
            identity::prepare(file, stored)?.finish()?;
            note(engine, storage, record, stored);
        }
        (None, stored) => {
            let drawn: Token = random()?;
            let unfinished = identity::prepare(file, drawn)?;
            if stored.is_some() {
                retire(engine);
            }
            engine.set_identity(Some((drawn, false)));
            if let Err(error) = save(engine, storage, record) {
                report!(warn, "the identity could not be written to the storage yet: {error}");
                engine.set_identity(stored);
                return Ok(());
            }
            unfinished.finish()?;
            note(engine, storage, record, drawn);
        }
    }
    Ok(())
}

fn retire(engine: &mut Engine) {
    if engine.has_lane() {
        report!(info, "the store was copied or restored from a backup; it counts under a new identity");
        engine.retire_lane();
    }
}

/// Notes in the store record that the file holds the token. At once, so that a backup that is made
/// from now on can be told from the original.
fn note(engine: &mut Engine, storage: &dyn Backend, record: &mut Option<StoreRecord>, token: Token) {
    engine.set_identity(Some((token, true)));
    if let Err(error) = save(engine, storage, record) {
        report!(warn, "the identity could not be noted in the storage; the next write does it: {error}");
    }
}

/// Writes the store record, with the lists that changed because of a loss. It survives power loss
/// when this returns.
fn save(engine: &mut Engine, storage: &dyn Backend, record: &mut Option<StoreRecord>) -> Result<()> {
    let mut changes = Changes::default();
    engine.gather_pages(&mut changes);
    let due = engine.due_store_record(None, WriteKind { sync: true, writes_events: true });
    due.iter().for_each(|record| changes.put_record(record));
    let done = storage.write(&changes).and_then(|()| storage.sync());
    engine.finish_flush(&changes, &done, Due::Undurable, true);
    if done.is_ok() {
        *record = due;
    }
    done
}
