//! The first bytes of a log: what the file is, its version, and the random number that its checksums start from.

use crate::error::{Error, Result};

/// Not text, not UTF-8, and broken by every translation of line ends.
pub(super) const MAGIC: [u8; 8] = *b"\x89TCLOG\r\n";
/// The newest version this library reads, and the one it writes.
pub(super) const VERSION: u32 = 1;
/// The length of a header, in every version.
pub(super) const LEN: usize = 24;

/// The header of a log of our version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Drawn anew for each file.
    pub(super) id: u64,
}

/// What the first bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A header of our version.
    Ours(Header),
    /// A header of a version that does not exist yet.
    Newer(u32),
    /// Nothing, or the beginning of a header and then nothing or zeros: a file whose making was cut short.
    Unwritten,
    /// Anything else: a foreign file or a damaged header.
    Unreadable,
}

impl Header {
    /// The header of a new file.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the system has no random numbers to give.
    pub(super) fn draw() -> Result<Header> {
        let mut id = [0; 8];
        getrandom::fill(&mut id)
            .map_err(|error| Error::unavailable(format!("the system gave no random number: {error}")))?;
        Ok(Header { id: u64::from_le_bytes(id) })
    }

    /// The header's bytes, the last four of them their checksum.
    pub(super) fn to_bytes(self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        let fields = MAGIC.into_iter().chain(VERSION.to_le_bytes()).chain(self.id.to_le_bytes());
        for (byte, value) in bytes.iter_mut().zip(fields.chain(self.seed().to_le_bytes())) {
            *byte = value;
        }
        bytes
    }

    /// What every checksum in the file goes on from: the header's own. So no frame of another file, or of a log kept
    /// inside a value, is one here.
    pub(super) fn seed(self) -> u32 {
        let crc = crc32c::crc32c(&MAGIC);
        crc32c::crc32c_append(crc32c::crc32c_append(crc, &VERSION.to_le_bytes()), &self.id.to_le_bytes())
    }
}

/// Reads the first bytes of a file: [`LEN`] of them, or all there are.
pub(super) fn read(bytes: &[u8]) -> Start {
    if let Some((version, id)) = fields(bytes) {
        return match version {
            VERSION => Start::Ours(Header { id }),
            newer if newer > VERSION => Start::Newer(newer),
            _ => Start::Unreadable,
        };
    }
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let begun = bytes.iter().zip(MAGIC).take(written).all(|(byte, magic)| *byte == magic);
    // The checksum comes last: where it is there, the header was complete once.
    let complete = bytes.len() >= LEN && written > LEN - 4;
    if begun && !complete { Start::Unwritten } else { Start::Unreadable }
}

fn fields(bytes: &[u8]) -> Option<(u32, u64)> {
    let (magic, rest) = bytes.get(..LEN)?.split_first_chunk::<8>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let (id, crc) = rest.split_first_chunk::<8>()?;
    let sum = crc32c::crc32c(bytes.get(..LEN - 4)?);
    let whole = *magic == MAGIC && *crc == sum.to_le_bytes();
    whole.then(|| (u32::from_le_bytes(*version), u64::from_le_bytes(*id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back() {
        let header = Header { id: 0x0123_4567_89ab_cdef };
        assert_eq!(read(&header.to_bytes()), Start::Ours(header));
    }

    #[test]
    fn two_files_never_share_a_seed_by_design() {
        assert_ne!(Header { id: 1 }.seed(), Header { id: 2 }.seed());
        assert_ne!(Header::draw().unwrap().id, Header::draw().unwrap().id);
    }

    #[test]
    fn a_newer_version_is_known_by_its_number_only_if_the_checksum_fits() {
        let mut bytes = Header { id: 7 }.to_bytes();
        bytes[8] = 2;
        assert_eq!(read(&bytes), Start::Unreadable);
        let crc = crc32c::crc32c(&bytes[..LEN - 4]);
        bytes[LEN - 4..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(read(&bytes), Start::Newer(2));
    }

    #[test]
    fn a_header_cut_short_is_unwritten_and_a_flipped_bit_makes_it_unreadable() {
        let bytes = Header { id: u64::MAX / 3 }.to_bytes();
        for len in 0..LEN {
            assert_eq!(read(&bytes[..len]), Start::Unwritten, "{len}");
        }
        for bit in 0..LEN * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&bytes), Start::Unreadable, "{bit}");
        }
        assert_eq!(read(&[0; LEN]), Start::Unwritten);
        assert_eq!(read(b"{\"not\": \"ours\", \"at\": all}"), Start::Unreadable);
    }
}
