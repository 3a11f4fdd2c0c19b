//! How one event's counter becomes bytes in a storage that holds one value an event.

#[cfg(feature = "serde-bincode")]
mod binary;
pub(crate) mod envelope;
#[cfg(feature = "serde-json")]
mod json;

use crate::counter::event_counter::SingleEventCounter;
use crate::error::Result;

#[cfg(feature = "serde-bincode")]
pub use binary::BincodeFormat;
#[cfg(feature = "serde-json")]
pub use json::JsonFormat;

/// Turns a counter into bytes and back.
pub trait Formatter: Send + Sync {
    /// The counter as bytes.
    ///
    /// # Errors
    /// What the format cannot hold.
    fn serialize(&self, counter: &SingleEventCounter) -> Result<Vec<u8>>;

    /// The counter that `bytes` hold.
    ///
    /// # Errors
    /// Bytes that are damaged, of another format or of a newer version. They are never misread.
    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter>;

    /// The extension of files in this format, without a dot.
    fn extension(&self) -> &'static str;
}

/// The formatter of a store that was given none: the compact one, or the readable one where only that is there.
pub(crate) fn default_formatter() -> Option<Box<dyn Formatter>> {
    #[cfg(feature = "serde-bincode")]
    return Some(Box::new(BincodeFormat));
    #[cfg(all(feature = "serde-json", not(feature = "serde-bincode")))]
    return Some(Box::new(JsonFormat));
    #[cfg(not(any(feature = "serde-bincode", feature = "serde-json")))]
    None
}
