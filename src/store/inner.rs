//! What a store, its questions and its reservations share: a clock, one lock on memory, a storage.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::backend::Backend;
use super::flush::Written;
use super::present::Present;
use super::signal::Signal;
use super::state::State;
use crate::clock::TimeSource;
use crate::counter::reading::Reading;
use crate::error::{Error, Result};
use crate::query::Answered;
use crate::time::instant;

pub(crate) struct Inner {
    pub(crate) clock: TimeSource,
    /// Never held across a wait.
    pub(crate) state: Mutex<State>,
    pub(crate) backend: Option<Box<dyn Backend>>,
    /// The persist lock, taken before the state's. It guards what is known of the storage's contents.
    pub(crate) written: Mutex<Written>,
    /// Whether recordings are written before they return.
    pub(crate) inline: bool,
    /// The thread that writes to the log.
    pub(crate) writer: Arc<Signal>,
    /// The thread that persists from time to time.
    pub(crate) auto_persist: Arc<Signal>,
    pub(crate) closed: AtomicBool,
    /// A storage failed and has not succeeded since.
    pub(crate) failing: AtomicBool,
}

impl State {
    /// Whether the storage may hold something of the event that is not in memory.
    fn is_missing(&self, backend: &dyn Backend, name: &str) -> bool {
        self.events.get(name).map_or_else(|| backend.may_hold(name), |entry| entry.unloaded)
    }
}

/// Names of events, which may be gone through more than once.
pub(crate) trait Names<'n>: IntoIterator<Item = &'n str, IntoIter: Clone> {}
impl<'n, T: IntoIterator<Item = &'n str, IntoIter: Clone>> Names<'n> for T {}

impl Inner {
    /// The time, held to the range in which it can be counted with.
    #[inline]
    pub(crate) fn now(&self) -> i64 {
        instant::clamp(self.clock.unix_millis())
    }

    #[inline]
    pub(crate) fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(Error::Closed) } else { Ok(()) }
    }

    pub(crate) fn may_hold(&self, name: &str) -> bool {
        self.backend.as_ref().is_some_and(|backend| backend.may_hold(name))
    }

    /// The state with the events of `names` read from the storage, as far as they are stored there, and what hindered reading one of
    /// them.
    #[inline]
    pub(crate) fn loaded<'n>(&self, names: impl Names<'n>) -> (MutexGuard<'_, State>, Result<()>) {
        let state = self.state.lock();
        let Some(backend) = &self.backend else { return (state, Ok(())) };
        let names = names.into_iter();
        if !names.clone().any(|name| state.is_missing(backend.as_ref(), name)) {
            return (state, Ok(()));
        }
        drop(state);
        self.load(backend.as_ref(), &names.collect::<Vec<&str>>())
    }

    fn load(&self, backend: &dyn Backend, names: &[&str]) -> (MutexGuard<'_, State>, Result<()>) {
        let mut failed: HashSet<&str> = HashSet::new();
        let mut first = Ok(());
        loop {
            let state = self.state.lock();
            let missing = |name: &&&str| state.is_missing(backend, name) && !failed.contains(**name);
            let missing: Vec<&str> = names.iter().filter(missing).copied().collect();
            if missing.is_empty() {
                return (state, first);
            }
            drop(state);
            let mut unknown = 0;
            for name in &missing {
                match backend.load(name) {
                    Ok(stored) => {
                        let mut state = self.state.lock();
                        unknown += usize::from(stored.is_none() && !state.events.contains(name));
                        state.quarantine.remove(*name);
                        state.install(name, stored);
                    }
                    // The others can be read all the same.
                    Err(error) => {
                        self.failing.store(true, Ordering::Relaxed);
                        if error.is_about_bytes() {
                            self.state.lock().quarantine.insert((*name).into());
                        }
                        failed.insert(name);
                        first = first.and(Err(error));
                    }
                }
            }
            if unknown == missing.len() {
                // Nothing is stored of any of them: there is nothing to look for again.
                return (self.state.lock(), first);
            }
        }
    }

    /// Answers a question about one event; absent if it is not known.
    #[inline]
    pub(crate) fn ask_of<R>(
        &self,
        name: &str,
        answer: impl FnOnce(Reading<'_>, &Present) -> Option<R>,
    ) -> Answered<Option<R>> {
        let now = self.clock.before_the_lock();
        let (mut state, unread) = self.read(std::iter::once(name));
        let State { events, present, .. } = &mut *state;
        let answer = events.get(name).filter(|entry| entry.is_known()).and_then(|entry| {
            // Where nothing is known the time need not be either.
            present.turn_to(instant::clamp(now.unwrap_or_else(|| self.clock.unix_millis())));
            answer(entry.reading(&present.tracking, &present.view), present)
        });
        drop(state);
        Answered { answer, unread }
    }

    /// Answers a question about the events of `names` from one state of all of them.
    #[inline]
    pub(crate) fn ask<'n, R>(&self, names: impl Names<'n>, answer: impl FnOnce(&State) -> R) -> Answered<R> {
        let now = self.now();
        let (mut state, unread) = self.read(names);
        state.present.turn_to(now);
        let answer = answer(&state);
        drop(state);
        Answered { answer, unread }
    }

    #[inline]
    fn read<'n>(&self, names: impl Names<'n>) -> (MutexGuard<'_, State>, Option<Box<Error>>) {
        if self.backend.is_none() && !self.closed.load(Ordering::Acquire) {
            return (self.state.lock(), None);
        }
        let (state, read) = self.loaded(names);
        (state, read.and_then(|()| self.check_open()).err().map(Box::new))
    }

    #[inline]
    pub(crate) fn loaded_or_error<'n>(&self, names: impl Names<'n>) -> Result<MutexGuard<'_, State>> {
        self.check_open()?;
        if self.backend.is_none() {
            return Ok(self.state.lock());
        }
        let (state, read) = self.loaded(names);
        read.map(|()| state)
    }

    /// As `loaded_or_error`, for those who replace what is stored: bytes that cannot be understood are no hindrance to that.
    pub(crate) fn loaded_or_replaceable<'n>(&self, names: impl Names<'n>) -> Result<MutexGuard<'_, State>> {
        self.check_open()?;
        match self.loaded(names) {
            (_, Err(error)) if !error.is_about_bytes() => Err(error),
            (state, _) => Ok(state),
        }
    }

    /// Every name that is known, in memory or stored.
    pub(crate) fn all_names(&self) -> Result<Vec<String>> {
        let mut names = match &self.backend {
            Some(backend) => backend.names()?,
            None => Vec::new(),
        };
        let state = self.state.lock();
        names.extend(state.events.names().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The state with every stored event read.
    pub(crate) fn all_loaded(&self) -> Result<MutexGuard<'_, State>> {
        let names = self.all_names()?;
        self.loaded_or_error(names.iter().map(String::as_str))
    }
}
