//! One frame: a head with a checksum of its own, then the value with another checksum.
//!
//! There are two checksums for two reasons: a damaged length must not hide the frames behind it,
//! and a frame whose value is damaged can still report its key.

use crate::bounds::{LOG_MAX_VALUE_BYTES, MAX_KEY_BYTES};
use crate::error::{Error, Result};

/// The first bytes of every frame. The first and the last byte never occur in UTF-8, so a key
/// cannot contain the marker.
pub(super) const MARKER: [u8; 4] = [0xF9, 0x7C, 0x63, 0xFE];
/// The longest head: reading this many bytes is enough to tell whether a frame begins at a
/// position.
pub(super) const MAX_HEAD_LEN: usize = FIXED_LEN + MAX_KEY_BYTES + CRC_LEN;
/// The length of the value of a [`FrameKind::Mark`].
pub(super) const MARK_VALUE_LEN: usize = 16;

const FIXED_LEN: usize = 16;
const CRC_LEN: usize = 4;
const FLAG_MORE: u8 = 1;

/// What a frame records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FrameKind {
    /// A key gets a value.
    Put,
    /// A key is removed.
    Delete,
    /// The store's metadata is replaced.
    Meta,
    /// All bytes before a stated length survive power loss.
    Mark,
}

/// The fields before a frame's value. After [`Head::read`] the lengths can be trusted, because the
/// checksum has been verified.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: FrameKind,
    /// Whether the next frame belongs to the same batch.
    pub(super) more: bool,
    /// The sequence number: one higher than that of the frame before.
    pub(super) sequence: u32,
    pub(super) key_len: usize,
    pub(super) value_len: usize,
    /// The checksum of the head, from which that of the value continues.
    crc: u32,
}

/// A frame to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) kind: FrameKind,
    pub(super) more: bool,
    pub(super) sequence: u32,
    pub(super) key: &'a str,
    pub(super) value: &'a [u8],
}

/// The length of a whole frame. A frame with an empty value has no value checksum.
pub(super) const fn frame_len(key_len: usize, value_len: usize) -> usize {
    FIXED_LEN + key_len + CRC_LEN + if value_len == 0 { 0 } else { value_len + CRC_LEN }
}

impl Head {
    /// The length of the whole frame.
    pub(super) fn frame_len(&self) -> usize {
        frame_len(self.key_len, self.value_len)
    }

    /// The head and the key at the beginning of `bytes`; `None` if no valid frame begins there.
    pub(super) fn read(bytes: &[u8], seed: u32) -> Option<(Head, &str)> {
        let (head, key) = Head::parse(bytes)?;
        let crc = crc32c::crc32c_append(seed, bytes.get(..FIXED_LEN + head.key_len)?);
        (head.crc == crc).then_some((head, std::str::from_utf8(key).ok()?))
    }

    /// The head at the beginning of `bytes`, whose checksum is not verified because the seed is
    /// unknown. The checksum of the value continues from that of the head, so a right
    /// [`value`](Head::value) shows that this is a frame of some log.
    pub(super) fn of_any_log(bytes: &[u8]) -> Option<Head> {
        Head::parse(bytes).map(|(head, _)| head)
    }

    fn parse(bytes: &[u8]) -> Option<(Head, &[u8])> {
        let (marker, rest) = bytes.split_first_chunk::<4>()?;
        let ([kind, flags], rest) = rest.split_first_chunk::<2>()?;
        let (key_len, rest) = rest.split_first_chunk::<2>()?;
        let (value_len, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<4>()?;
        let key_len = usize::from(u16::from_le_bytes(*key_len));
        let value_len = usize::try_from(u32::from_le_bytes(*value_len)).ok()?;
        if *marker != MARKER
            || *flags > FLAG_MORE
            || key_len > MAX_KEY_BYTES
            || value_len > LOG_MAX_VALUE_BYTES
        {
            return None;
        }
        let (key, rest) = rest.split_at_checked(key_len)?;
        let (crc, _) = rest.split_first_chunk::<CRC_LEN>()?;
        let kind = kind_of(*kind).filter(|kind| fits(*kind, key_len, value_len))?;
        let (more, sequence) = (*flags == FLAG_MORE, u32::from_le_bytes(*sequence));
        let crc = u32::from_le_bytes(*crc);
        Some((Head { kind, more, sequence, key_len, value_len, crc }, key))
    }

    /// The value of the frame at the beginning of `bytes`; `None` if it is damaged or truncated.
    pub(super) fn value<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if self.value_len == 0 {
            return Some(&[]);
        }
        let rest = bytes.get(FIXED_LEN + self.key_len + CRC_LEN..)?;
        let (value, rest) = rest.split_at_checked(self.value_len)?;
        let (stored, _) = rest.split_first_chunk::<CRC_LEN>()?;
        (*stored == crc32c::crc32c_append(self.crc, value).to_le_bytes()).then_some(value)
    }
}

impl Frame<'_> {
    /// Appends the bytes of the frame to `out`.
    ///
    /// # Errors
    /// [`Error::Storage`] for a key longer than [`MAX_KEY_BYTES`] or a value longer than
    /// [`LOG_MAX_VALUE_BYTES`].
    pub(super) fn write(&self, out: &mut Vec<u8>, seed: u32) -> Result<()> {
        self.write_with(out, seed, |crc| crc)
    }

    /// Appends the frame with a wrong value checksum, which marks the value as damaged. A rewrite
    /// uses this to carry a damaged record over, so that its loss is reported again.
    pub(super) fn write_damaged(&self, out: &mut Vec<u8>, seed: u32) -> Result<()> {
        self.write_with(out, seed, |crc| !crc)
    }

    fn write_with(&self, out: &mut Vec<u8>, seed: u32, checksum: impl Fn(u32) -> u32) -> Result<()> {
        let key_len = u16::try_from(self.key.len()).ok().filter(|_| self.key.len() <= MAX_KEY_BYTES);
        let key_len = key_len.ok_or_else(|| too_long("key", MAX_KEY_BYTES))?;
        let value_len =
            u32::try_from(self.value.len()).ok().filter(|_| self.value.len() <= LOG_MAX_VALUE_BYTES);
        let value_len = value_len.ok_or_else(|| too_long("value", LOG_MAX_VALUE_BYTES))?;
        let start = out.len();
        out.extend_from_slice(&MARKER);
        out.extend_from_slice(&[code_of(self.kind), u8::from(self.more)]);
        out.extend_from_slice(&key_len.to_le_bytes());
        out.extend_from_slice(&value_len.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(self.key.as_bytes());
        let crc = crc32c::crc32c_append(seed, out.get(start..).unwrap_or_default());
        out.extend_from_slice(&crc.to_le_bytes());
        if !self.value.is_empty() {
            out.extend_from_slice(self.value);
            out.extend_from_slice(&checksum(crc32c::crc32c_append(crc, self.value)).to_le_bytes());
        }
        Ok(())
    }
}

fn too_long(what: &str, bound: usize) -> Error {
    Error::Storage(format!("a {what} in the log may have at most {bound} bytes; shorten it"))
}

fn kind_of(code: u8) -> Option<FrameKind> {
    [FrameKind::Put, FrameKind::Delete, FrameKind::Meta, FrameKind::Mark]
        .into_iter()
        .find(|kind| code_of(*kind) == code)
}

fn code_of(kind: FrameKind) -> u8 {
    match kind {
        FrameKind::Put => 1,
        FrameKind::Delete => 2,
        FrameKind::Meta => 3,
        FrameKind::Mark => 4,
    }
}

fn fits(kind: FrameKind, key_len: usize, value_len: usize) -> bool {
    match kind {
        FrameKind::Put => true,
        FrameKind::Delete => value_len == 0,
        FrameKind::Meta => key_len == 0,
        FrameKind::Mark => key_len == 0 && value_len == MARK_VALUE_LEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame<'_> =
        Frame { kind: FrameKind::Put, more: true, sequence: 7, key: "café", value: b"twelve bytes" };

    fn bytes_of(frame: &Frame<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes, 99).unwrap();
        bytes
    }

    #[test]
    fn a_frame_reads_back() {
        let bytes = bytes_of(&FRAME);
        let (head, key) = Head::read(&bytes, 99).unwrap();
        assert_eq!((head.kind, head.more, head.sequence, key), (FrameKind::Put, true, 7, "café"));
        assert_eq!(head.frame_len(), bytes.len());
        assert_eq!(head.value(&bytes), Some(&b"twelve bytes"[..]));
    }

    #[test]
    fn a_frame_without_a_value_ends_with_its_head() {
        let bytes = bytes_of(&Frame { kind: FrameKind::Delete, value: b"", ..FRAME });
        let (head, _) = Head::read(&bytes, 99).unwrap();
        assert_eq!(head.frame_len(), bytes.len());
        assert_eq!(head.value(&bytes), Some(&b""[..]));
    }

    #[test]
    fn a_frame_of_another_file_is_rejected() {
        assert!(Head::read(&bytes_of(&FRAME), 98).is_none());
    }

    #[test]
    fn every_flipped_bit_is_detected() {
        let bytes = bytes_of(&FRAME);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = Head::read(&bytes, 99).and_then(|(head, _)| head.value(&bytes));
            assert_eq!(read, None, "{bit}");
        }
    }

    #[test]
    fn a_truncated_frame_is_rejected() {
        let bytes = bytes_of(&FRAME);
        for len in 0..bytes.len() {
            let bytes = &bytes[..len];
            assert_eq!(Head::read(bytes, 99).and_then(|(head, _)| head.value(bytes)), None, "{len}");
        }
    }

    #[test]
    fn a_damaged_frame_still_names_its_key() {
        let mut bytes = Vec::new();
        FRAME.write_damaged(&mut bytes, 99).unwrap();
        let (head, key) = Head::read(&bytes, 99).unwrap();
        assert_eq!((key, head.value(&bytes)), ("café", None));
    }

    #[test]
    fn a_key_or_value_above_the_limit_is_rejected() {
        let key = "k".repeat(MAX_KEY_BYTES + 1);
        let value = vec![0; LOG_MAX_VALUE_BYTES + 1];
        for frame in [Frame { key: &key, ..FRAME }, Frame { value: &value, ..FRAME }] {
            assert!(matches!(frame.write(&mut Vec::new(), 0), Err(Error::Storage(_))));
        }
    }
}
