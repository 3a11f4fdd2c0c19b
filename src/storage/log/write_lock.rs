//! Other processes: taking turns, and noticing what another one did.
//!
//! The lock is held for the length of one write, never while idle: iOS ends an app that is suspended with one.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::disk::{DiskLock, Stat, failed, present};
use super::place::Place;
use crate::error::{Error, Result};

/// How often and how long to wait for another process that is writing: a second in all.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// The right to write, until dropped.
#[derive(Debug)]
pub(super) struct Turn(Arc<dyn DiskLock>);

impl Turn {
    /// Waits for its turn. `lock` is the lock's file, opened at the first call.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if another process keeps the lock.
    pub(super) fn take(place: &Place, lock: &mut Option<Arc<dyn DiskLock>>) -> Result<Turn> {
        let lock = match lock {
            Some(lock) => lock,
            None => {
                let opened = place.disk.lock_file(&place.lock).map_err(failed("open", &place.lock))?;
                lock.insert(Arc::from(opened))
            }
        };
        for _ in 0..TRIES {
            if lock.try_lock().map_err(failed("lock", &place.lock))? {
                return Ok(Turn(Arc::clone(lock)));
            }
            thread::sleep(PAUSE);
        }
        Err(Error::unavailable(format!("another process is writing to {}; try again", place.dir.display())))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            ::log::warn!("could not unlock the event log: {error}");
        }
    }
}

/// What this store left under the log's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// No file.
    Nothing,
    /// This file, of this length.
    File(Stat),
    /// This file. How long it is was not to be learnt after a write that failed.
    SomeOf((u64, u64)),
}

/// Whether the file is still what this store left, asked at the beginning of each turn.
///
/// # Errors
/// [`Error::Unavailable`] if another process wrote, replaced or removed the file. Nothing of its work is overwritten.
pub(super) fn unchanged(place: &Place, seen: Seen) -> Result<()> {
    let found = present(place.disk.stat(&place.log)).map_err(failed("look at", &place.log))?;
    let same = match (seen, found) {
        (Seen::Nothing, None) => true,
        (Seen::File(ours), Some(found)) => ours == found,
        (Seen::SomeOf(identity), Some(found)) => identity == found.identity,
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(Error::unavailable(format!(
        "{} was written, replaced or removed by another process since this store was opened; close this store and \
         open it again",
        place.log.display()
    )))
}
