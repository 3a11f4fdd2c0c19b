//! The mark that a sync appends: all bytes before it survive power loss.
//!
//! It separates damage (before the mark) from an unfinished write (behind it). It contains its own
//! offset, so that bytes that are missing or inserted before it are noticed, and the id of the
//! file, so that a file with a damaged header can still be read.

use super::frame::{Frame, FrameKind, Head, MARK_VALUE_LEN, frame_len};
use super::header::Header;
use crate::error::Result;

/// The length of the frame of a mark.
pub(super) const MARK_FRAME_LEN: usize = frame_len(0, MARK_VALUE_LEN);

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The offset of the mark itself.
    pub(super) offset: u64,
    /// The header of the file that contains the mark.
    pub(super) header: Header,
}

impl Mark {
    /// The mark in a frame's value; `None` if the length is wrong.
    pub(super) fn read(value: &[u8]) -> Option<Mark> {
        let (offset, rest) = value.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_first_chunk::<8>()?;
        let header = Header { id: u64::from_le_bytes(*id) };
        rest.is_empty().then_some(Mark { offset: u64::from_le_bytes(*offset), header })
    }

    /// The mark of any log whose frame begins `bytes`, checked with the id that the mark itself
    /// contains.
    pub(super) fn of_any_log(bytes: &[u8]) -> Option<Mark> {
        // The checksum starts from the id, so the id is read first and the frame is checked
        // afterwards.
        let value = bytes.get(frame_len(0, 0)..)?.get(..MARK_VALUE_LEN)?;
        let mark = Mark::read(value)?;
        let (head, _) = Head::read(bytes, mark.header.seed())?;
        (head.kind == FrameKind::Mark && head.value(bytes).is_some()).then_some(mark)
    }

    /// Appends the mark as a frame to `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>, sequence: u32) -> Result<()> {
        let fields = [self.offset.to_le_bytes(), self.header.id.to_le_bytes()];
        let value = fields.as_flattened();
        Frame { kind: FrameKind::Mark, more: false, sequence, key: "", value }.write(out, self.header.seed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_with_and_without_its_header() {
        let mark = Mark { offset: 1234, header: Header { id: 5678 } };
        let mut bytes = Vec::new();
        mark.write(&mut bytes, 3).unwrap();
        assert_eq!(bytes.len(), MARK_FRAME_LEN);
        let (head, _) = Head::read(&bytes, mark.header.seed()).unwrap();
        assert_eq!((head.kind, head.sequence), (FrameKind::Mark, 3));
        assert_eq!(head.value(&bytes).and_then(Mark::read), Some(mark));
        assert_eq!(Mark::of_any_log(&bytes), Some(mark));
        bytes[20] ^= 1;
        assert_eq!(Mark::of_any_log(&bytes), None);
    }
}
