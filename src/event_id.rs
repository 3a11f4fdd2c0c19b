//! The names of events.

use crate::bounds::MAX_NAME_BYTES;
use crate::error::{Error, Result};

/// The name of an event.
///
/// Every string of at most 1,024 bytes in UTF-8 is a valid name, including the empty string.
/// Implement this trait for an enum of your app to use its variants as names.
///
/// Names are compared byte by byte, in every language. Two that look the same and are written with
/// other characters, such as an accented letter as one character or as two, are two events. If an
/// app makes names of what people write, it should normalise them first.
///
/// A call that can fail returns [`Error::InvalidEvent`](crate::Error::InvalidEvent) for a longer
/// name. A recording that cannot fail is not counted and logs a warning.
///
/// ```
/// use tiny_counter::{EventId, EventStore};
///
/// enum Event {
///     Launch,
/// }
/// impl AsRef<str> for Event {
///     fn as_ref(&self) -> &str {
///         match self {
///             Event::Launch => "launch",
///         }
///     }
/// }
/// impl EventId for Event {}
///
/// let store = EventStore::new();
/// store.record(Event::Launch);
/// assert_eq!(store.query("launch").ever().sum(), Some(1));
/// ```
pub trait EventId: AsRef<str> {}

impl EventId for str {}
impl EventId for String {}
impl EventId for &str {}
impl EventId for &String {}

/// The event that [`EventStore::session`](crate::EventStore::session) records. It is a marker of
/// every store. A window since it begins with the latest session of this device, whatever other
/// devices recorded.
pub const SESSION: &str = "tiny-counter.session";

/// The event that [`EventStore::app_version`](crate::EventStore::app_version) records. It is a
/// marker of every store. A window since it begins with the latest change of the version on this
/// device, whatever other devices recorded.
pub const APP_VERSION: &str = "tiny-counter.app_version";

/// Whether the name is short enough.
#[inline]
pub(crate) fn is_valid_name(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES
}

/// Returns the name if it is short enough.
///
/// # Errors
/// `InvalidEvent` with the beginning of the name if it has more than 1,024 bytes.
#[inline]
pub(crate) fn checked_name(name: &str) -> Result<&str> {
    if is_valid_name(name) { Ok(name) } else { Err(too_long(name)) }
}

#[cold]
fn too_long(name: &str) -> Error {
    Error::InvalidEvent { name: name.chars().take(64).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_at_most_1024_bytes() {
        assert!(checked_name(&"x".repeat(1024)).is_ok());
        assert!(checked_name("").is_ok());
        let Err(Error::InvalidEvent { name }) = checked_name(&"ü".repeat(513)) else {
            panic!("a name of 1,026 bytes is accepted")
        };
        assert_eq!(name.chars().count(), 64);
    }
}
