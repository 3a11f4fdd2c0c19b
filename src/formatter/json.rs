//! The JSON format: `{"format":1,"checksum":…,"counter":{…}}`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Formatter;
use crate::counter::event_counter::SingleEventCounter;
use crate::error::{Error, Result};
use crate::formatter::serde_form::PlainCounter;

/// The JSON format: readable text with a version and a checksum.
///
/// The text is one object, `{"format":1,"checksum":…,"counter":{…}}`. The checksum is the CRC-32C
/// of the text of `counter`, so a file that was edited by hand is an error.
///
/// - **Versions:** this release reads and writes format 1. A newer format is an `Incompatible`
///   error.
/// - **Damage:** a counter that does not match its checksum is a `Corrupt` error; other text is a
///   `Serialization` error.
/// - **File extension:** `json`.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonFormat;

/// The format that is written, and the newest one that can be read.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document<'a> {
    format: u32,
    /// The CRC-32C of the text of `counter`.
    checksum: u32,
    #[serde(borrow)]
    counter: &'a RawValue,
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Formatter for JsonFormat {
    fn serialize(&self, counter: &SingleEventCounter) -> Result<Vec<u8>> {
        let text = serde_json::value::to_raw_value(&PlainCounter::from(counter)).map_err(failed)?;
        let checksum = crc32c::crc32c(text.get().as_bytes());
        serde_json::to_vec(&Document { format: FORMAT, checksum, counter: &text }).map_err(failed)
    }

    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter> {
        let Version { format } = serde_json::from_slice(bytes).map_err(failed)?;
        if format > FORMAT {
            return Err(Error::Incompatible {
                what: "a stored counter",
                found: format,
                supported: FORMAT,
                event: None,
            });
        }
        let document: Document<'_> = serde_json::from_slice(bytes).map_err(failed)?;
        let text = document.counter.get();
        if crc32c::crc32c(text.as_bytes()) != document.checksum || document.format == 0 {
            return Err(Error::corrupt(
                "a stored counter does not match its checksum; restore it from a backup or erase the event",
            ));
        }
        let plain: PlainCounter = serde_json::from_str(text).map_err(failed)?;
        plain.counter().map_err(|what| Error::Serialization(what.into()))
    }

    fn extension(&self) -> &'static str {
        "json"
    }
}

fn failed(error: serde_json::Error) -> Error {
    Error::Serialization(format!("the text is not a counter in JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_reads_back_and_a_change_is_detected() {
        let bytes = JsonFormat.serialize(&SingleEventCounter::default()).unwrap();
        assert_eq!(JsonFormat.deserialize(&bytes).unwrap(), SingleEventCounter::default());
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(r#"{"format":1,"checksum":"#), "{text}");
        let changed = text.replace("[]", "[ ]");
        assert!(matches!(JsonFormat.deserialize(changed.as_bytes()), Err(Error::Corrupt { .. })));
        let newer = text.replace("\"format\":1", "\"format\":2");
        assert!(matches!(
            JsonFormat.deserialize(newer.as_bytes()),
            Err(Error::Incompatible { found: 2, .. })
        ));
        for cut in 0..text.len() {
            assert!(JsonFormat.deserialize(&text.as_bytes()[..cut]).is_err());
        }
    }
}
