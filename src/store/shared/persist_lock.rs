//! The persist lock. It knows which thread has it, so that a call from within a write gets an error
//! instead of a deadlock.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use parking_lot::MutexGuard;

use super::{Persisted, Shared};
use crate::error::{Error, Result};

/// How many stores one thread can write at the same time, each from within the write of another
/// one.
const MAX_WRITING: usize = 4;

thread_local! {
    /// The addresses of the stores whose persist locks this thread has. Unused elements are 0.
    static WRITING: Cell<[usize; MAX_WRITING]> = const { Cell::new([0; MAX_WRITING]) };
}

/// The persist lock, while it is held.
pub(super) struct PersistGuard<'a> {
    persisted: MutexGuard<'a, Persisted>,
    /// The value of `WRITING` before the lock was taken.
    before: [usize; MAX_WRITING],
}

impl Drop for PersistGuard<'_> {
    fn drop(&mut self) {
        WRITING.set(self.before);
    }
}

impl Deref for PersistGuard<'_> {
    type Target = Persisted;

    fn deref(&self) -> &Persisted {
        &self.persisted
    }
}

impl DerefMut for PersistGuard<'_> {
    fn deref_mut(&mut self) -> &mut Persisted {
        &mut self.persisted
    }
}

impl Shared {
    /// Takes the persist lock.
    ///
    /// # Errors
    /// As `check_not_writing_here`.
    pub(super) fn lock_persist(&self) -> Result<PersistGuard<'_>> {
        self.check_not_writing_here()?;
        let persisted = self.persist.lock();
        let before = WRITING.get();
        let mut writing = before;
        if let Some(unused) = writing.iter_mut().find(|address| **address == 0) {
            *unused = self.address();
        }
        WRITING.set(writing);
        Ok(PersistGuard { persisted, before })
    }

    /// Checks that this thread may take the persist lock.
    ///
    /// # Errors
    /// `Storage` if this thread has it already, because the app's storage or logger called the
    /// store from within a write; `Storage` if this thread has the persist locks of `MAX_WRITING`
    /// stores.
    pub(super) fn check_not_writing_here(&self) -> Result<()> {
        if self.is_writing_here() || !WRITING.get().contains(&0) {
            return Err(Error::Storage(
                "the storage or the logger called the store from within a write; call the store later or \
                 from another thread"
                    .into(),
            ));
        }
        Ok(())
    }

    /// Whether this thread has the persist lock.
    pub(in crate::store) fn is_writing_here(&self) -> bool {
        WRITING.get().contains(&self.address())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}
