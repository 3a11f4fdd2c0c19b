//! A phone. It shows how an app uses the library.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset, Utc};
use tiny_counter::{EventStore, TestClock, Zone};

use super::trace::Action;
use super::{Fallible, prompt};

/// Any action of the user in the app.
pub const ACTION: &str = "action";
/// The user opens the app, or uses it again after a pause.
pub const LAUNCH: &str = "launch";

pub struct Phone {
    pub name: String,
    pub folder: PathBuf,
    /// The UTC offset of the phone at the end, to print local times.
    pub offset: FixedOffset,
    zone: Zone,
    clock: TestClock,
    /// `None` while the app does not run.
    store: Option<EventStore>,
}

impl Phone {
    pub fn new(name: &str, folder: PathBuf, zone: Zone, offset: FixedOffset) -> Fallible<Phone> {
        let clock = TestClock::build_for_testing_at(DateTime::UNIX_EPOCH);
        Ok(Phone { name: format!("phone {name}"), folder, offset, zone, clock, store: None })
    }

    /// Starts the app. A real app uses the default clock and the time zone of the platform.
    pub fn open(&mut self) -> Fallible<()> {
        self.store = Some(open_store(&self.folder, self.clock.clone(), self.zone.clone())?);
        Ok(())
    }

    /// Ends the app.
    ///
    /// # Errors
    /// If not everything could be saved.
    pub fn close(&mut self) -> Fallible<()> {
        match self.store.take() {
            Some(store) => Ok(store.close()?),
            None => Ok(()),
        }
    }

    pub fn store(&self) -> Fallible<&EventStore> {
        Ok(self.store.as_ref().ok_or("the app is not running")?)
    }

    pub fn set_time(&self, now: DateTime<Utc>) {
        self.clock.set(now);
    }

    pub fn local_time(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&self.offset)
    }

    /// Records an action of the user. After half an hour without an action, it also counts as an
    /// app start, at which the prompt may be shown.
    pub fn act(&self, action: &Action) -> Fallible<()> {
        self.set_time(action.instant());
        let store = self.store()?;
        if store.limit().cooldown(ACTION, Duration::minutes(30)).allowed(LAUNCH) {
            store.record(LAUNCH);
            prompt::show_if_allowed(store)?;
        }
        store.record(ACTION);
        store.record(action.kind);
        Ok(())
    }

    /// Saves all counts, so that they survive a kill and a power loss. An app does this each time
    /// it goes to the background. The demo does it once a month, to be fast.
    pub fn go_to_background(&self) -> Fallible<()> {
        Ok(self.store()?.persist()?)
    }
}

pub fn open_store(folder: &Path, clock: TestClock, zone: Zone) -> tiny_counter::Result<EventStore> {
    EventStore::builder().with_clock(Arc::new(clock)).with_zone(zone).with_log(folder).build()
}
