//! The bytes of one record: a head that vouches for itself, then a value with a checksum of its own.
//!
//! Two checksums, because a length that cannot be trusted must not swallow the frames behind it, and because a record
//! whose value is damaged can then still say whose it was.

use crate::error::{Error, Result};

/// Where a frame may begin. None of these bytes but the middle two can be in a key, which is UTF-8.
pub(super) const MARKER: [u8; 4] = [0xF9, 0x7C, 0x63, 0xFE];
/// The longest key.
pub(super) const MAX_KEY: usize = 1024;
/// The longest value.
pub(super) const MAX_VALUE: usize = 16 << 20;
/// The longest head: what has to be seen to tell whether a frame begins somewhere.
pub(super) const MAX_HEAD: usize = FIXED + MAX_KEY + CRC;

const FIXED: usize = 16;
const CRC: usize = 4;
const MORE: u8 = 1;

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key has this value now.
    Put,
    /// A key is no more.
    Delete,
    /// The store's own metadata is this now.
    Meta,
    /// All before a certain length survives power loss.
    Mark,
}

/// What stands before a frame's value. It is checked: whoever has one may trust its lengths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// Whether the batch goes on with the next frame.
    pub(super) more: bool,
    /// One higher than in the frame before.
    pub(super) sequence: u32,
    pub(super) key_len: usize,
    pub(super) value_len: usize,
    crc: u32,
}

/// A frame to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    pub(super) more: bool,
    pub(super) sequence: u32,
    pub(super) key: &'a str,
    pub(super) value: &'a [u8],
}

/// The length of a whole frame. A frame without a value has no second checksum.
pub(super) fn frame_len(key_len: usize, value_len: usize) -> usize {
    FIXED + key_len + CRC + if value_len == 0 { 0 } else { value_len + CRC }
}

impl Head {
    /// The length of the whole frame.
    pub(super) fn frame_len(&self) -> usize {
        frame_len(self.key_len, self.value_len)
    }

    /// The head and its key at the beginning of `bytes`, or `None` if no frame begins there.
    pub(super) fn read(bytes: &[u8], seed: u32) -> Option<(Head, &str)> {
        let (marker, rest) = bytes.split_first_chunk::<4>()?;
        let ([kind, flags], rest) = rest.split_first_chunk::<2>()?;
        let (key_len, rest) = rest.split_first_chunk::<2>()?;
        let (value_len, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<4>()?;
        let key_len = usize::from(u16::from_le_bytes(*key_len));
        let value_len = usize::try_from(u32::from_le_bytes(*value_len)).ok()?;
        if *marker != MARKER || *flags > MORE || key_len > MAX_KEY || value_len > MAX_VALUE {
            return None;
        }
        let key = rest.get(..key_len)?;
        let crc = crc32c::crc32c_append(seed, bytes.get(..FIXED + key_len)?);
        let (stored, _) = rest.get(key_len..)?.split_first_chunk::<CRC>()?;
        if *stored != crc.to_le_bytes() {
            return None;
        }
        let kind = kind_of(*kind).filter(|kind| fits(*kind, key_len, value_len))?;
        let (more, sequence) = (*flags == MORE, u32::from_le_bytes(*sequence));
        Some((Head { kind, more, sequence, key_len, value_len, crc }, std::str::from_utf8(key).ok()?))
    }

    /// The value of the frame at the beginning of `bytes`, or `None` if it is damaged or cut off.
    pub(super) fn value<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if self.value_len == 0 {
            return Some(&[]);
        }
        let rest = bytes.get(FIXED + self.key_len + CRC..)?;
        let (value, rest) = rest.split_at_checked(self.value_len)?;
        let (stored, _) = rest.split_first_chunk::<CRC>()?;
        (*stored == crc32c::crc32c_append(self.crc, value).to_le_bytes()).then_some(value)
    }
}

impl Frame<'_> {
    /// Adds the frame's bytes to `out`.
    ///
    /// # Errors
    /// [`Error::Storage`] if the key or the value is longer than the format allows.
    pub(super) fn write(&self, out: &mut Vec<u8>, seed: u32) -> Result<()> {
        self.write_with(out, seed, |crc| crc)
    }

    /// Adds the frame with a checksum that says: this value is damaged. It is how a damaged record is carried over
    /// into a new file without its loss being forgotten.
    pub(super) fn write_damaged(&self, out: &mut Vec<u8>, seed: u32) -> Result<()> {
        self.write_with(out, seed, |crc| !crc)
    }

    fn write_with(&self, out: &mut Vec<u8>, seed: u32, checksum: impl Fn(u32) -> u32) -> Result<()> {
        let key_len = u16::try_from(self.key.len()).ok().filter(|_| self.key.len() <= MAX_KEY);
        let key_len = key_len.ok_or_else(|| too_long("a key", MAX_KEY))?;
        let value_len = u32::try_from(self.value.len()).ok().filter(|_| self.value.len() <= MAX_VALUE);
        let value_len = value_len.ok_or_else(|| too_long("a value", MAX_VALUE))?;
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
    Error::Storage(format!("{what} is longer than the {bound} bytes that the log can hold; shorten it"))
}

fn kind_of(code: u8) -> Option<Kind> {
    [Kind::Put, Kind::Delete, Kind::Meta, Kind::Mark].into_iter().find(|kind| code_of(*kind) == code)
}

fn code_of(kind: Kind) -> u8 {
    match kind {
        Kind::Put => 1,
        Kind::Delete => 2,
        Kind::Meta => 3,
        Kind::Mark => 4,
    }
}

fn fits(kind: Kind, key_len: usize, value_len: usize) -> bool {
    match kind {
        Kind::Put => true,
        Kind::Delete => value_len == 0,
        Kind::Meta => key_len == 0,
        Kind::Mark => key_len == 0 && value_len == super::mark::LEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame<'_> =
        Frame { kind: Kind::Put, more: true, sequence: 7, key: "café", value: b"twelve bytes" };

    fn bytes_of(frame: &Frame<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes, 99).unwrap();
        bytes
    }

    #[test]
    fn a_frame_reads_back() {
        let bytes = bytes_of(&FRAME);
        let (head, key) = Head::read(&bytes, 99).unwrap();
        assert_eq!((head.kind, head.more, head.sequence, key), (Kind::Put, true, 7, "café"));
        assert_eq!(head.frame_len(), bytes.len());
        assert_eq!(head.value(&bytes), Some(&b"twelve bytes"[..]));
    }

    #[test]
    fn a_frame_without_a_value_ends_with_its_head() {
        let bytes = bytes_of(&Frame { kind: Kind::Delete, value: b"", ..FRAME });
        let (head, _) = Head::read(&bytes, 99).unwrap();
        assert_eq!(head.frame_len(), bytes.len());
        assert_eq!(head.value(&bytes), Some(&b""[..]));
    }

    #[test]
    fn a_frame_of_another_file_is_none() {
        assert!(Head::read(&bytes_of(&FRAME), 98).is_none());
    }

    #[test]
    fn no_flipped_bit_goes_unseen() {
        let bytes = bytes_of(&FRAME);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = Head::read(&bytes, 99).and_then(|(head, _)| head.value(&bytes));
            assert_eq!(read, None, "{bit}");
        }
    }

    #[test]
    fn no_frame_cut_short_is_read() {
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
    fn what_is_too_long_is_refused() {
        let key = "k".repeat(MAX_KEY + 1);
        let value = vec![0; MAX_VALUE + 1];
        for frame in [Frame { key: &key, ..FRAME }, Frame { value: &value, ..FRAME }] {
            assert!(matches!(frame.write(&mut Vec::new(), 0), Err(Error::Storage(_))));
        }
    }
}
