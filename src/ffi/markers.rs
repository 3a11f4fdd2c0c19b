//! The markers of every store: sessions and versions of the app.

use super::error::EventStoreError;
use super::store::EventStore;

#[uniffi::export]
impl EventStore {
    /// Records that a session of the app begins. `session_marker` is the name of the event that it
    /// records. It survives what `record` survives.
    pub fn session(&self) {
        self.core.session();
    }

    /// Records the version of the app if `text` differs from the last text that this store
    /// recorded. Returns whether it was recorded. Call it whenever the app starts.
    /// `app_version_marker` is the name of the event that it records. The text is kept on this
    /// device only. It survives what `record` survives. After the event was erased, any text
    /// differs.
    ///
    /// Fails with `InvalidArgument` for a text of more than 1,024 bytes of UTF-8; with
    /// `Unavailable` or `Corrupt` if the event cannot be read; with `Closed`. Nothing is recorded
    /// then.
    pub fn app_version(&self, text: String) -> Result<bool, EventStoreError> {
        Ok(self.core.app_version(&text)?)
    }
}

/// The event that `session` records. It is a marker of every store. A window since it begins with
/// the latest session of this device, whatever other devices recorded.
#[uniffi::export]
pub fn session_marker() -> String {
    crate::SESSION.to_owned()
}

/// The event that `app_version` records. It is a marker of every store. A window since it begins
/// with the latest change of the version on this device, whatever other devices recorded.
#[uniffi::export]
pub fn app_version_marker() -> String {
    crate::APP_VERSION.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limit;
    use crate::ffi::types::Options;
    use crate::ffi::zone::ZoneTable;

    #[test]
    fn the_names_are_those_of_the_events_that_are_recorded() {
        let zone = ZoneTable { initial_offset_seconds: 0, transitions: Vec::new() };
        let (units, markers) = (Vec::new(), Vec::new());
        let options = Options { units, zone, identity: None, clock: None, sync_keys: None, markers };
        let store = EventStore::in_memory(options).unwrap();
        let limit = |marker: &str| Limit::new().at_most("tip", 1, crate::since(marker));
        let (session, version) = (session_marker(), app_version_marker());
        store.core.record("tip");
        for marker in [&session, &version] {
            assert!(!store.core.prepare(limit(marker)).unwrap().allowed("tip"));
        }
        store.session();
        assert!(store.core.prepare(limit(&session)).unwrap().allowed("tip"));
        assert!(!store.core.prepare(limit(&version)).unwrap().allowed("tip"));
        assert!(store.app_version("1".into()).unwrap() && !store.app_version("1".into()).unwrap());
        assert!(store.core.prepare(limit(&version)).unwrap().allowed("tip"));
    }
}
