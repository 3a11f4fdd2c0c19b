//! What can name an event.

use crate::error::{Error, Result};

/// The longest name in bytes of UTF-8.
pub(crate) const LONGEST_NAME: usize = 1024;

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
    if name.len() <= LONGEST_NAME {
        return Ok(name);
    }
    Err(Error::InvalidEvent { name: name.chars().take(64).collect() })
}

/// A name that a question carries along; a short one needs no allocation.
#[derive(Clone)]
pub(crate) enum Name {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Box<str>),
}

const SHORT: usize = 30;

impl From<&str> for Name {
    #[inline]
    fn from(name: &str) -> Name {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(part), Ok(len)) => {
                part.copy_from_slice(name.as_bytes());
                Name::Short { len, bytes }
            }
            _ => Name::Long(name.into()),
        }
    }
}

impl AsRef<[u8]> for Name {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match self {
            Name::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Name::Long(name) => name.as_bytes(),
        }
    }
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_ref()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carried_name_is_the_name_whatever_its_length() {
        let text = "größer_als_alles_andere_auf_der_welt".repeat(29);
        for length in (0..=LONGEST_NAME).filter(|length| text.is_char_boundary(*length)) {
            assert_eq!(Name::from(&text[..length]).as_str(), &text[..length]);
        }
    }

    #[test]
    fn a_name_may_have_1024_bytes_and_not_one_more() {
        assert!(checked(&"x".repeat(1024)).is_ok());
        assert!(checked("").is_ok());
        let Err(Error::InvalidEvent { name }) = checked(&"ü".repeat(513)) else { panic!("too long") };
        assert_eq!(name.chars().count(), 64);
    }
}
