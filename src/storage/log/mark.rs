//! The mark that a sync appends: all bytes before a stated length survive power loss.
//!
//! It separates damage (below the length) from an unfinished write (above it). It contains the id
//! of the file, so that a file with a damaged header can still be read.

use super::frame::{Frame, FrameKind};
use super::header::Header;
use crate::error::Result;

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The length that is synced: at most the offset of the mark itself.
    pub(super) synced_len: u64,
    /// The header of the file that contains the mark.
    pub(super) header: Header,
}

impl Mark {
    /// The mark in a frame's value; `None` if the length is wrong.
    pub(super) fn read(value: &[u8]) -> Option<Mark> {
        let (synced_len, rest) = value.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_first_chunk::<8>()?;
        let header = Header { id: u64::from_le_bytes(*id) };
        rest.is_empty().then_some(Mark { synced_len: u64::from_le_bytes(*synced_len), header })
    }

    /// Appends the mark as a frame to `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>, sequence: u32) -> Result<()> {
        let fields = [self.synced_len.to_le_bytes(), self.header.id.to_le_bytes()];
        let value = fields.as_flattened();
        Frame { kind: FrameKind::Mark, more: false, sequence, key: "", value }.write(out, self.header.seed())
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Head, MARK_VALUE_LEN};
    use super::*;

    #[test]
    fn a_mark_reads_back() {
        let mark = Mark { synced_len: 1234, header: Header { id: 5678 } };
        let mut bytes = Vec::new();
        mark.write(&mut bytes, 3).unwrap();
        let (head, _) = Head::read(&bytes, mark.header.seed()).unwrap();
        assert_eq!((head.kind, head.sequence), (FrameKind::Mark, 3));
        assert_eq!(head.value_len, MARK_VALUE_LEN);
        assert_eq!(head.value(&bytes).and_then(Mark::read), Some(mark));
    }
}
