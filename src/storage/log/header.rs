//! The file header: magic, version, and a random id from which all checksums in the file start.

use crate::error::Result;
use crate::random::random;

/// Not valid UTF-8, and changed by any conversion of line ends.
pub(super) const MAGIC: [u8; 8] = *b"\x89TCLOG\r\n";
/// The version that is written, and the newest one that can be read.
pub(super) const VERSION: u32 = 1;
/// The length of a header in bytes, in every version.
pub(super) const LEN: usize = 24;

const CRC_LEN: usize = 4;

/// The header of a log with the supported version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Random, and different for each file.
    pub(super) id: u64,
}

/// The result of reading a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderState {
    /// A valid header of the supported version.
    Valid(Header),
    /// A valid header of a newer version.
    Newer(u32),
    /// Anything else: a foreign file, or a header that is damaged or too short. A log gets its name
    /// when it is complete, so even an empty file is a damaged one.
    Invalid,
}

impl Header {
    /// A header with a new random id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the system has no random numbers.
    pub(super) fn random() -> Result<Header> {
        Ok(Header { id: u64::from_le_bytes(random()?) })
    }

    /// The bytes of the header. The last four are the checksum.
    pub(super) fn to_bytes(self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        let (fields, crc) = bytes.split_at_mut(LEN - CRC_LEN);
        fields.copy_from_slice(&self.fields());
        crc.copy_from_slice(&self.seed().to_le_bytes());
        bytes
    }

    /// The bytes before the checksum.
    fn fields(self) -> [u8; LEN - CRC_LEN] {
        let mut fields = [0; LEN - CRC_LEN];
        let (magic, rest) = fields.split_at_mut(MAGIC.len());
        let (version, id) = rest.split_at_mut(size_of_val(&VERSION));
        magic.copy_from_slice(&MAGIC);
        version.copy_from_slice(&VERSION.to_le_bytes());
        id.copy_from_slice(&self.id.to_le_bytes());
        fields
    }

    /// The checksum of the header, from which every other checksum in the file continues. So a
    /// frame of another file, or of a log stored inside a value, is not valid in this file.
    pub(super) fn seed(self) -> u32 {
        crc32c::crc32c(&self.fields())
    }
}

/// Reads the first bytes of a file: at least [`LEN`], or all of a shorter one.
pub(super) fn read(bytes: &[u8]) -> HeaderState {
    match parse(bytes) {
        Some((VERSION, id)) => HeaderState::Valid(Header { id }),
        Some((newer, _)) if newer > VERSION => HeaderState::Newer(newer),
        _ => HeaderState::Invalid,
    }
}

fn parse(bytes: &[u8]) -> Option<(u32, u64)> {
    let (magic, rest) = bytes.get(..LEN)?.split_first_chunk::<8>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let (id, crc) = rest.split_first_chunk::<8>()?;
    let sum = crc32c::crc32c(bytes.get(..LEN - CRC_LEN)?);
    let whole = *magic == MAGIC && *crc == sum.to_le_bytes();
    whole.then(|| (u32::from_le_bytes(*version), u64::from_le_bytes(*id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back() {
        let header = Header { id: 0x0123_4567_89ab_cdef };
        assert_eq!(read(&header.to_bytes()), HeaderState::Valid(header));
    }

    #[test]
    fn different_ids_give_different_seeds() {
        assert_ne!(Header { id: 1 }.seed(), Header { id: 2 }.seed());
        assert_ne!(Header::random().unwrap().id, Header::random().unwrap().id);
    }

    #[test]
    fn a_newer_version_is_recognised_only_if_the_checksum_matches() {
        let mut bytes = Header { id: 7 }.to_bytes();
        bytes[8] = 2;
        assert_eq!(read(&bytes), HeaderState::Invalid);
        let crc = crc32c::crc32c(&bytes[..LEN - 4]);
        bytes[LEN - 4..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(read(&bytes), HeaderState::Newer(2));
    }

    #[test]
    fn a_truncated_or_zeroed_header_and_one_with_a_flipped_bit_are_invalid() {
        let bytes = Header { id: u64::MAX / 3 }.to_bytes();
        for len in 0..LEN {
            assert_eq!(read(&bytes[..len]), HeaderState::Invalid, "{len}");
        }
        for bit in 0..LEN * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&bytes), HeaderState::Invalid, "{bit}");
        }
        assert_eq!(read(&[0; LEN]), HeaderState::Invalid);
        assert_eq!(read(b"{\"not\": \"ours\", \"at\": all}"), HeaderState::Invalid);
    }
}
