//! The readable format: `{"format":1,"checksum":…,"counter":{…}}`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Formatter;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::plain::PlainCounter;
use crate::error::{Error, Result};

/// A counter as JSON, with a format number and a checksum of the counter's text.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonFormat;

/// The newest format that can be read.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document<'a> {
    format: u32,
    /// CRC-32C of the text of `counter`.
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
        let text = serde_json::value::to_raw_value(&PlainCounter::from(counter)).map_err(refused)?;
        let checksum = crc32c::crc32c(text.get().as_bytes());
        serde_json::to_vec(&Document { format: FORMAT, checksum, counter: &text }).map_err(refused)
    }

    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter> {
        let Version { format } = serde_json::from_slice(bytes).map_err(refused)?;
        if format > FORMAT {
            return Err(Error::Incompatible {
                what: "a stored counter",
                found: format,
                supported: FORMAT,
                event: None,
            });
        }
        let document: Document<'_> = serde_json::from_slice(bytes).map_err(refused)?;
        let text = document.counter.get();
        if crc32c::crc32c(text.as_bytes()) != document.checksum || document.format == 0 {
            return Err(Error::corrupt(
                "a stored counter does not match its checksum; restore it from a backup",
            ));
        }
        let plain: PlainCounter = serde_json::from_str(text).map_err(refused)?;
        plain.counter().map_err(|what| Error::Serialization(what.into()))
    }

    fn extension(&self) -> &'static str {
        "json"
    }
}

fn refused(error: serde_json::Error) -> Error {
    Error::Serialization(format!("no counter in JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_comes_back_and_what_was_changed_is_seen() {
        let bytes = JsonFormat.serialize(&SingleEventCounter::default()).unwrap();
        assert_eq!(JsonFormat.deserialize(&bytes).unwrap(), SingleEventCounter::default());
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(r#"{"format":1,"checksum":"#), "{text}");
        let changed = text.replace("[0,0]", "[0,1]");
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
