//! The engine while its lock is held. At the end, threads that wait for a change are woken.

use std::ops::{Deref, DerefMut};

use parking_lot::{Condvar, MutexGuard};

use super::Shared;
use crate::engine::{Changed, Engine};

/// The engine lock. It is released when this is dropped.
pub(in crate::store) struct EngineGuard<'s> {
    engine: MutexGuard<'s, Engine>,
    changed: &'s Condvar,
}

impl EngineGuard<'_> {
    /// Lets a thread that waits for the lock have it for a moment.
    pub(super) fn yield_lock(&mut self) {
        MutexGuard::bump(&mut self.engine);
    }
}

impl Deref for EngineGuard<'_> {
    type Target = Engine;

    #[inline]
    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl DerefMut for EngineGuard<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }
}

impl Drop for EngineGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.engine.watches.take_wake() {
            wake(self.changed);
        }
    }
}

/// The threads get the lock when it is released.
#[cold]
fn wake(changed: &Condvar) {
    changed.notify_all();
}

impl Shared {
    /// Takes the engine lock.
    #[inline]
    pub(super) fn lock_engine(&self) -> EngineGuard<'_> {
        let engine = self.engine.lock();
        #[cfg(test)]
        engine.events.visits.begin();
        EngineGuard { engine, changed: &self.changed }
    }

    /// Waits until something changed since this watch took it last, and takes it. Absent if the
    /// watch has ended.
    pub(in crate::store) fn wait_for_change(&self, watch: u64) -> Option<Changed> {
        let mut engine = self.lock_engine();
        loop {
            match engine.watches.take(watch)? {
                Some(changed) => return Some(changed),
                None => self.changed.wait(&mut engine.engine),
            }
        }
    }
}
