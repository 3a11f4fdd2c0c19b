//! The markers of every store: sessions and versions of the app.

use super::EventStore;
use crate::bounds::MAX_APP_VERSION_BYTES;
use crate::error::{Error, Result};
use crate::event_id::{APP_VERSION, SESSION};

impl EventStore {
    /// Records that a session of the app begins, as [`SESSION`](crate::SESSION). Windows of
    /// [`since_session`](crate::since_session) begin then.
    ///
    /// It never fails, and survives what `record` survives.
    ///
    /// ```
    /// use tiny_counter::{EventStore, since_session};
    ///
    /// let store = EventStore::new();
    /// store.session();
    /// store.record("message");
    /// let limit = || store.limit().at_most("message", 1, since_session());
    /// assert!(!limit().allowed("message"));
    /// store.session();
    /// assert!(limit().allowed("message"));
    /// ```
    pub fn session(&self) {
        self.record(SESSION);
    }

    /// Records the version of the app as [`APP_VERSION`](crate::APP_VERSION), if `text` differs
    /// from the last text that this store recorded. Windows of
    /// [`since_app_version`](crate::since_app_version) begin then. Call it whenever the app starts.
    /// Returns whether it was recorded.
    ///
    /// The text can be anything of at most 1,024 bytes in UTF-8. It is kept on this device only, in
    /// the same value as the recording, which survives what `record` survives. After the event was
    /// erased, any text differs.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// assert!(store.app_version("1.2.3").unwrap());
    /// assert!(!store.app_version("1.2.3").unwrap());
    /// assert!(store.app_version("1.3.0").unwrap());
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for a longer text; the event cannot be read; `Closed`. Nothing is recorded
    /// then.
    pub fn app_version(&self, text: &str) -> Result<bool> {
        if text.len() > MAX_APP_VERSION_BYTES {
            return Err(Error::InvalidArgument(
                "the text of a version may have at most 1,024 bytes of UTF-8".into(),
            ));
        }
        let now = self.shared.now();
        let is_new = self.shared.with_loaded_at([APP_VERSION], now, |engine| {
            let is_new = engine.marker_text(APP_VERSION) != Some(text);
            if is_new {
                engine.record(APP_VERSION, 1, || self.shared.may_hold(APP_VERSION));
                engine.set_marker_text(APP_VERSION, text);
            }
            Ok(is_new)
        })?;
        if is_new {
            self.shared.arrange_write();
        }
        Ok(is_new)
    }
}
