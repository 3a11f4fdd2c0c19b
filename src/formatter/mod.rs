//! Formatters: the encoding of counters in storages other than the log.

#[cfg(feature = "serde-bincode")]
mod binary;
pub(crate) mod cipher;
pub(crate) mod envelope;
#[cfg(feature = "serde-json")]
mod json;
#[cfg(feature = "serde-json")]
pub(crate) mod json_record;
pub(crate) mod sealed;
#[cfg(feature = "serde")]
mod serde_form;

use crate::counter::event_counter::SingleEventCounter;
use crate::error::Result;

#[cfg(feature = "serde-bincode")]
pub use binary::BincodeFormat;
#[cfg(feature = "serde-json")]
pub use json::JsonFormat;

/// Encodes an event's counter as bytes and decodes it again. A store encodes what it counted of an
/// event and what other devices counted as two counters.
///
/// Pass one to [`EventStoreBuilder::with_format`](crate::EventStoreBuilder::with_format). A
/// [`Log`](crate::storage::Log) does not use a formatter.
pub trait Formatter: Send + Sync {
    /// Encodes a counter.
    ///
    /// # Errors
    /// [`Error::Serialization`](crate::Error::Serialization) if the format cannot represent the
    /// counter.
    fn serialize(&self, counter: &SingleEventCounter) -> Result<Vec<u8>>;

    /// Decodes a counter. `bytes` can be anything, also damaged or foreign data.
    ///
    /// # Errors
    /// - [`Error::Serialization`](crate::Error::Serialization) or
    ///   [`Error::Corrupt`](crate::Error::Corrupt) if the bytes are damaged or of another format.
    ///   The store may then replace them.
    /// - [`Error::Incompatible`](crate::Error::Incompatible) if a newer version wrote them.
    ///
    /// Never return a wrong counter for damaged bytes: use a checksum if the format has none.
    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter>;

    /// The usual file extension of this format, without a dot, for example `bin`. If it is `json`,
    /// the store writes its own records as JSON too, with the feature `serde-json`.
    fn extension(&self) -> &'static str;
}

/// The formatter of a store without an explicit one: binary, or JSON if only that feature is
/// enabled; `None` without either feature.
pub(crate) fn default_formatter() -> Option<Box<dyn Formatter>> {
    #[cfg(feature = "serde-bincode")]
    return Some(Box::new(BincodeFormat));
    #[cfg(all(feature = "serde-json", not(feature = "serde-bincode")))]
    return Some(Box::new(JsonFormat));
    #[cfg(not(any(feature = "serde-bincode", feature = "serde-json")))]
    None
}
