//! What can name an event.

use crate::bounds::MAX_NAME_BYTES;
use crate::error::{Error, Result};

/// A name of an event. Any string is one, the empty one too; an app's own enums can be names as well.
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

/// The name, or why it is none.
pub(crate) fn checked(name: &str) -> Result<&str> {
    if name.len() <= MAX_NAME_BYTES {
        return Ok(name);
    }
    Err(Error::InvalidEvent { name: name.chars().take(64).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_1024_bytes_and_not_one_more() {
        assert!(checked(&"x".repeat(1024)).is_ok());
        assert!(checked("").is_ok());
        let Err(Error::InvalidEvent { name }) = checked(&"ü".repeat(513)) else { panic!("too long") };
        assert_eq!(name.chars().count(), 64);
    }
}
