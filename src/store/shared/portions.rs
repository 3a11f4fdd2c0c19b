//! Work on many events in portions, so that a recording on another thread waits for at most one of
//! them.

use super::Shared;
use super::read_errors::ReadErrors;
use crate::engine::{Engine, Entry, Pass};
use crate::error::Result;

/// How many events of a list a portion has.
const PORTION: usize = 128;

impl Shared {
    /// Works on one portion in memory. A thread that waits for the lock gets it before the next
    /// portion.
    fn with_portion<R>(&self, work: impl FnOnce(&mut Engine) -> R) -> R {
        let mut engine = self.lock_engine();
        let answer = work(&mut engine);
        engine.yield_lock();
        answer
    }

    /// Works on the items of a list in portions, in memory.
    pub(in crate::store) fn with_memory_in_portions<T>(
        &self,
        items: &[T],
        mut work: impl FnMut(&mut Engine, &[T]),
    ) {
        items.chunks(PORTION).for_each(|portion| self.with_portion(|engine| work(engine, portion)));
    }

    /// Works with the events of `names` in portions. Between two portions the events can change.
    ///
    /// # Errors
    /// As `with_loaded_at`. The work on earlier portions is done then.
    pub(in crate::store) fn with_loaded_in_portions(
        &self,
        names: &[String],
        work: impl FnMut(&mut Engine, &[String]),
    ) -> Result<()> {
        self.with_read_in_portions(names, ReadErrors::into_result, &mut { work })
    }

    /// `with_loaded_in_portions`, but stored bytes that cannot be understood are no error.
    pub(in crate::store) fn with_readable_in_portions(
        &self,
        names: &[String],
        work: impl FnMut(&mut Engine, &[String]),
    ) -> Result<()> {
        self.with_read_in_portions(names, ReadErrors::into_unavailable, &mut { work })
    }

    fn with_read_in_portions(
        &self,
        names: &[String],
        check: fn(ReadErrors) -> Result<()>,
        work: &mut dyn FnMut(&mut Engine, &[String]),
    ) -> Result<()> {
        self.check_open()?;
        let Some(storage) = self.storage.as_deref() else {
            self.with_memory_in_portions(names, work);
            return Ok(());
        };
        for portion in names.chunks(PORTION) {
            let (mut engine, read_errors) = self.lock_loaded(storage, &portion.iter().map(String::as_str));
            check(read_errors)?;
            work(&mut engine, portion);
            engine.yield_lock();
        }
        Ok(())
    }

    /// Visits every event in memory, in portions. An event may be visited more than once. An event
    /// that is added or removed meanwhile may be left out.
    pub(in crate::store) fn visit_events(&self, visit: &mut dyn FnMut(&Entry)) {
        let mut pass = Pass::default();
        let mut visit_portion = |engine: &mut Engine| {
            let portion = engine.events.next_portion(&mut pass);
            portion.map(|portion| portion.for_each(&mut *visit)).is_some()
        };
        while self.with_portion(&mut visit_portion) {}
    }
}
