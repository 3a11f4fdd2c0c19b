//! A phone: how an app uses the library.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset, Utc};
use tiny_counter::{EventStore, TestClock, Zone};

use super::trace::Action;
use super::{Fallible, prompt};

/// Anything that someone does in the app.
pub const ACTION: &str = "action";
/// The app is opened, or used again after a pause.
pub const LAUNCH: &str = "launch";

pub struct Phone {
    pub name: String,
    pub folder: PathBuf,
    /// Where it is in the end, to show local times.
    pub offset: FixedOffset,
    zone: Zone,
    clock: TestClock,
    /// Absent while the app does not run.
    store: Option<EventStore>,
}

impl Phone {
    pub fn new(name: &str, folder: PathBuf, zone: Zone, offset: FixedOffset) -> Fallible<Phone> {
        let clock = TestClock::build_for_testing_at(DateTime::UNIX_EPOCH);
        Ok(Phone { name: format!("phone {name}"), folder, offset, zone, clock, store: None })
    }

    /// The app starts. On a phone the clock is the default one and the zone comes from the platform.
    pub fn open(&mut self) -> Fallible<()> {
        self.store = Some(open_store(&self.folder, self.clock.clone(), self.zone.clone())?);
        Ok(())
    }

    /// The app ends, and hears whether everything reached the disk.
    pub fn close(&mut self) -> Fallible<()> {
        match self.store.take() {
            Some(store) => Ok(store.close()?),
            None => Ok(()),
        }
    }

    pub fn store(&self) -> Fallible<&EventStore> {
        Ok(self.store.as_ref().ok_or("the app does not run")?)
    }

    pub fn set_time(&self, now: DateTime<Utc>) {
        self.clock.set(now);
    }

    pub fn local_time(&self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&self.offset)
    }

    /// Someone does something. After half an hour without anything that is an app start, and a moment at which the
    /// prompt may be shown.
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

    /// The system may end the app at any moment now, or the battery: what was counted goes to the disk. An app calls this whenever it
    /// goes to the background; here it is done once a month, to keep the demonstration short.
    pub fn go_to_background(&self) -> Fallible<()> {
        Ok(self.store()?.persist()?)
    }
}

pub fn open_store(folder: &Path, clock: TestClock, zone: Zone) -> tiny_counter::Result<EventStore> {
    EventStore::builder().with_clock(Arc::new(clock)).with_zone(zone).with_log(folder).build()
}
