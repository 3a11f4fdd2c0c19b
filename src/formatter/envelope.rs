//! What stands before binary data that leaves memory: who wrote it, in which version, how long it is, and a checksum.
//!
//! `magic (4) | version (1) | length (4, little endian) | CRC-32C of all else (4, little endian) | payload`

use crate::error::{Error, Result};

const HEADER: usize = 13;
/// The longest payload: what is decoded takes a multiple of it in memory.
const LONGEST: usize = 32 << 20;

/// A kind of data and the newest version of it that can be read.
pub(crate) struct Kind {
    pub(crate) magic: [u8; 4],
    pub(crate) version: u8,
    /// What a message calls it.
    pub(crate) name: &'static str,
}

/// One counter, as the binary formatter writes it.
#[cfg(any(feature = "serde-bincode", test))]
pub(crate) const COUNTER: Kind = Kind { magic: *b"TCc\n", version: 1, name: "a stored counter" };
/// What two stores exchange.
pub(crate) const EXPORT: Kind = Kind { magic: *b"TCx\n", version: 1, name: "an export" };
/// What a store knows of all lanes.
pub(crate) const KNOWLEDGE: Kind = Kind { magic: *b"TCk\n", version: 1, name: "a knowledge" };

impl Kind {
    /// The payload in its envelope.
    pub(crate) fn seal(&self, payload: &[u8]) -> Result<Vec<u8>> {
        let len = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= LONGEST);
        let len = len.ok_or_else(|| {
            Error::Serialization(format!(
                "{} may not exceed 32 MiB; erase events that nobody needs",
                self.name
            ))
        })?;
        let mut out = Vec::with_capacity(HEADER + payload.len());
        out.extend_from_slice(&self.magic);
        out.push(self.version);
        out.extend_from_slice(&len.to_le_bytes());
        let sum = crc32c::crc32c_append(crc32c::crc32c(&out), payload);
        out.extend_from_slice(&sum.to_le_bytes());
        out.extend_from_slice(payload);
        Ok(out)
    }

    /// The payload of an envelope.
    ///
    /// # Errors
    /// `Corrupt` for what is none of this kind, cut short or changed; `Incompatible` for a newer version.
    pub(crate) fn open<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8]> {
        let damaged =
            |how: &str| Error::corrupt(format!("{} {how}; get it anew from where it was made", self.name));
        let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
            return Err(damaged("is cut short"));
        };
        let Some((&[m0, m1, m2, m3, version, l0, l1, l2, l3], sum)) = header.split_first_chunk::<9>() else {
            return Err(damaged("is cut short"));
        };
        if [m0, m1, m2, m3] != self.magic {
            return Err(damaged("was expected, this is something else"));
        }
        if version > self.version {
            let (found, supported) = (version.into(), self.version.into());
            return Err(Error::Incompatible { what: self.name, found, supported, event: None });
        }
        if payload.len() > LONGEST {
            return Err(damaged("exceeds 32 MiB"));
        }
        if u32::try_from(payload.len()) != Ok(u32::from_le_bytes([l0, l1, l2, l3])) {
            return Err(damaged("has not the length that it names"));
        }
        let head = header.get(..9).unwrap_or_default();
        if crc32c::crc32c_append(crc32c::crc32c(head), payload).to_le_bytes() != sum || version == 0 {
            return Err(damaged("does not match its checksum"));
        }
        Ok(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_gives_back_its_payload() {
        for payload in [&b""[..], b"counts"] {
            assert_eq!(EXPORT.open(&EXPORT.seal(payload).unwrap()).unwrap(), payload);
        }
    }

    #[test]
    fn every_cut_and_every_flipped_bit_is_seen() {
        let sealed = COUNTER.seal(b"counts").unwrap();
        for cut in 0..sealed.len() {
            assert!(matches!(COUNTER.open(&sealed[..cut]), Err(Error::Corrupt { .. })));
        }
        for bit in 0..sealed.len() * 8 {
            let mut bent = sealed.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(COUNTER.open(&bent).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn another_kind_and_a_newer_version_are_told_apart() {
        let sealed = COUNTER.seal(b"counts").unwrap();
        assert!(matches!(EXPORT.open(&sealed), Err(Error::Corrupt { .. })));
        let newer = Kind { version: 2, ..COUNTER }.seal(b"").unwrap();
        assert!(matches!(COUNTER.open(&newer), Err(Error::Incompatible { found: 2, supported: 1, .. })));
    }
}
