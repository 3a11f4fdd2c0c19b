//! The values of the records of the store in storages other than the log: an envelope, or JSON if
//! the formatter writes JSON.

use crate::error::Result;
use crate::formatter::Formatter;
use crate::formatter::envelope::STORE_RECORD;
#[cfg(feature = "serde-json")]
use crate::formatter::json_record::{RecordKind, record_from_json, record_to_json};
use crate::storage::key;

/// Converts the encoded form of a record to the value that the storage keeps.
///
/// # Errors
/// `Serialization` for a record that is too large.
#[cfg_attr(not(feature = "serde-json"), expect(unused_variables, reason = "there is one form only"))]
pub(super) fn seal(name: &str, payload: &[u8], format: &dyn Formatter) -> Result<Vec<u8>> {
    #[cfg(feature = "serde-json")]
    if is_json(format) {
        return record_to_json(&key::reserved(name), kind(name), payload);
    }
    STORE_RECORD.seal(&key::reserved(name), payload)
}

/// Converts the value that a storage keeps to the encoded form of the record.
///
/// # Errors
/// `Corrupt`, `Serialization` and `Incompatible` for a record that cannot be read.
pub(super) fn open(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    #[cfg(feature = "serde-json")]
    if bytes.starts_with(b"{") {
        return record_from_json(&key::reserved(name), kind(name), bytes);
    }
    STORE_RECORD.open(&key::reserved(name), bytes).map(<[u8]>::to_vec)
}

/// Whether the store writes its records as JSON too.
#[cfg(feature = "serde-json")]
pub(super) fn is_json(format: &dyn Formatter) -> bool {
    format.extension() == "json"
}

/// What the record of this name holds.
#[cfg(feature = "serde-json")]
fn kind(name: &str) -> RecordKind {
    match name.split('-').next() {
        Some("store") => RecordKind::Store,
        Some("reserved") => RecordKind::Names,
        Some("names") => RecordKind::StoredKeys,
        Some("erased") => RecordKind::Erased,
        Some("claims") => RecordKind::Claims,
        _ => RecordKind::Lanes,
    }
}
