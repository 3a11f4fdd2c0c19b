//! The binary format.

use super::Formatter;
use super::envelope::COUNTER;
use crate::codec;
use crate::counter::event_counter::SingleEventCounter;
use crate::error::{Error, Result};

/// The binary format, and the default: compact bytes with a version and a checksum.
///
/// - **Versions:** this release reads and writes version 1. A newer version is an `Incompatible`
///   error.
/// - **Damage:** truncated, changed or foreign bytes are a `Serialization` error.
/// - **Size:** a counter may take at most 32 MiB; a larger one is a `Serialization` error.
/// - **File extension:** `bin`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BincodeFormat;

impl Formatter for BincodeFormat {
    fn serialize(&self, counter: &SingleEventCounter) -> Result<Vec<u8>> {
        let mut payload = Vec::new();
        codec::put_counter(counter, &mut payload);
        COUNTER.seal("", &payload)
    }

    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter> {
        let payload = COUNTER.open("", bytes).map_err(|error| match error {
            // A formatter cannot distinguish damaged bytes from those of another program.
            Error::Corrupt { what, .. } => Error::Serialization(what),
            other => other,
        })?;
        codec::counter(payload).map_err(|codec::Malformed(what)| Error::Serialization(what.into()))
    }

    fn extension(&self) -> &'static str {
        "bin"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_reads_back_and_other_bytes_are_an_error() {
        let bytes = BincodeFormat.serialize(&SingleEventCounter::default()).unwrap();
        assert_eq!(BincodeFormat.deserialize(&bytes).unwrap(), SingleEventCounter::default());
        for foreign in [b"{}".to_vec(), COUNTER.seal("", &[9; 9]).unwrap(), Vec::new(), vec![0; 500]] {
            assert!(matches!(BincodeFormat.deserialize(&foreign), Err(Error::Serialization(_))));
        }
    }
}
