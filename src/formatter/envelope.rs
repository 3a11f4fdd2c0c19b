//! The envelope of all binary data that leaves memory, except the log.
//!
//! `magic (4 bytes) | version (1) | length (4) | CRC-32C (4) | payload`
//!
//! Numbers are little-endian. The checksum is that of the storage key and of all other bytes, so a
//! value under another key is damaged. Data that is not stored under a key has an empty one.

use crate::bounds::MAX_ENVELOPE_PAYLOAD_BYTES;
use crate::error::{Error, Result};

pub(crate) const HEADER_LEN: usize = 13;

/// One type of envelope: its magic, and the version that is written and the newest that can be
/// read.
pub(crate) struct Envelope {
    pub(crate) magic: [u8; 4],
    pub(crate) version: u8,
    /// The name in error messages, with its article.
    pub(crate) name: &'static str,
}

/// A counter, as the binary formatter writes it.
#[cfg(any(feature = "serde-bincode", test))]
pub(crate) const COUNTER: Envelope = Envelope { magic: *b"TCc\n", version: 1, name: "a stored counter" };
/// An event, in a storage that keeps what a formatter returns.
pub(crate) const STORED_EVENT: Envelope = Envelope { magic: *b"TCe\n", version: 1, name: "a stored event" };
/// A record of the store, in a storage that keeps what a formatter returns.
pub(crate) const STORE_RECORD: Envelope =
    Envelope { magic: *b"TCs\n", version: 1, name: "a record of the store" };
/// An export, as stores exchange it.
pub(crate) const EXPORT: Envelope = Envelope { magic: *b"TCx\n", version: 1, name: "an export" };
/// A sync state: which counts of each lane a store has.
pub(crate) const SYNC_STATE: Envelope = Envelope { magic: *b"TCk\n", version: 1, name: "a sync state" };

impl Envelope {
    /// Puts a payload that is stored under `key` into an envelope.
    ///
    /// # Errors
    /// `TooLarge` for a payload longer than [`MAX_ENVELOPE_PAYLOAD_BYTES`].
    pub(crate) fn seal(&self, key: &str, payload: &[u8]) -> Result<Vec<u8>> {
        let len = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= MAX_ENVELOPE_PAYLOAD_BYTES);
        let len = len.ok_or_else(|| {
            let most = MAX_ENVELOPE_PAYLOAD_BYTES >> 20;
            Error::TooLarge {
                what: format!(
                    "{} may have at most {most} MiB; export in parts, or erase events that are no longer needed",
                    self.name
                ),
                event: None,
            }
        })?;
        let mut out = Vec::with_capacity(HEADER_LEN + payload.len());
        out.extend_from_slice(&self.magic);
        out.push(self.version);
        out.extend_from_slice(&len.to_le_bytes());
        let sum = checksum(key, &out, payload);
        out.extend_from_slice(&sum.to_le_bytes());
        out.extend_from_slice(payload);
        Ok(out)
    }

    /// Checks an envelope that is stored under `key` and returns its payload.
    ///
    /// # Errors
    /// `Corrupt` for other data, or if the data is truncated, changed or of another key;
    /// `Incompatible` for a newer version.
    pub(crate) fn open<'a>(&self, key: &str, bytes: &'a [u8]) -> Result<&'a [u8]> {
        let damaged =
            |how: &str| Error::corrupt(format!("{} {how}; get it again from its source", self.name));
        let Some((header, payload)) = bytes.split_at_checked(HEADER_LEN) else {
            return Err(damaged("is truncated"));
        };
        let Some((&[m0, m1, m2, m3, version, l0, l1, l2, l3], sum)) = header.split_first_chunk::<9>() else {
            return Err(damaged("is truncated"));
        };
        if [m0, m1, m2, m3] != self.magic {
            return Err(damaged("was expected, but the data is of another type"));
        }
        if version > self.version {
            let (found, supported) = (version.into(), self.version.into());
            return Err(Error::Incompatible { what: self.name, found, supported, event: None });
        }
        if payload.len() > MAX_ENVELOPE_PAYLOAD_BYTES {
            return Err(damaged("is too long"));
        }
        if u32::try_from(payload.len()) != Ok(u32::from_le_bytes([l0, l1, l2, l3])) {
            return Err(damaged("has a length field that does not match the data"));
        }
        let head = header.get(..9).unwrap_or_default();
        if checksum(key, head, payload).to_le_bytes() != sum || version == 0 {
            return Err(damaged("does not match its checksum"));
        }
        Ok(payload)
    }
}

fn checksum(key: &str, head: &[u8], payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(key.as_bytes()), head), payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_gives_back_its_payload() {
        for payload in [&b""[..], b"counts"] {
            assert_eq!(EXPORT.open("", &EXPORT.seal("", payload).unwrap()).unwrap(), payload);
        }
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_detected() {
        let sealed = COUNTER.seal("", b"counts").unwrap();
        for cut in 0..sealed.len() {
            assert!(matches!(COUNTER.open("", &sealed[..cut]), Err(Error::Corrupt { .. })));
        }
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(COUNTER.open("", &changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn an_envelope_of_another_key_is_corrupt() {
        let keys = ["", "a", "b", "ab", "~a"];
        for (sealed_for, read_as) in keys.iter().flat_map(|a| keys.map(|b| (*a, b))) {
            let sealed = STORED_EVENT.seal(sealed_for, b"counts").unwrap();
            let is_opened = STORED_EVENT.open(read_as, &sealed).is_ok();
            assert_eq!(is_opened, sealed_for == read_as, "{sealed_for:?} {read_as:?}");
        }
    }

    #[test]
    fn another_type_is_corrupt_and_a_newer_version_is_incompatible() {
        let sealed = COUNTER.seal("", b"counts").unwrap();
        assert!(matches!(EXPORT.open("", &sealed), Err(Error::Corrupt { .. })));
        let newer = Envelope { version: 2, ..COUNTER }.seal("", b"").unwrap();
        assert!(matches!(COUNTER.open("", &newer), Err(Error::Incompatible { found: 2, supported: 1, .. })));
    }
}
