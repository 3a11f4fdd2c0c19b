//! The mark that a commit leaves after its sync: all before this length survives power loss.
//!
//! It tells a torn tail, which nobody was promised, from damage to what was. It names the file's id as well, so that a
//! file whose header is damaged can still be read.

use super::frame::{Frame, Kind};
use super::header::Header;
use crate::error::Result;

/// The length of a mark's value.
pub(super) const LEN: usize = 16;

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The length that is safe: at most the mark's own position.
    pub(super) safe: u64,
    /// The file that the mark belongs to.
    pub(super) header: Header,
}

impl Mark {
    /// The mark in a frame's value.
    pub(super) fn read(value: &[u8]) -> Option<Mark> {
        let (safe, rest) = value.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_first_chunk::<8>()?;
        let header = Header { id: u64::from_le_bytes(*id) };
        rest.is_empty().then_some(Mark { safe: u64::from_le_bytes(*safe), header })
    }

    /// Adds the mark as a frame to `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>, sequence: u32) -> Result<()> {
        let mut value = [0; LEN];
        let fields = self.safe.to_le_bytes().into_iter().chain(self.header.id.to_le_bytes());
        for (byte, field) in value.iter_mut().zip(fields) {
            *byte = field;
        }
        Frame { kind: Kind::Mark, more: false, sequence, key: "", value: &value }
            .write(out, self.header.seed())
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Head;
    use super::*;

    #[test]
    fn a_mark_reads_back() {
        let mark = Mark { safe: 1234, header: Header { id: 5678 } };
        let mut bytes = Vec::new();
        mark.write(&mut bytes, 3).unwrap();
        let (head, _) = Head::read(&bytes, mark.header.seed()).unwrap();
        assert_eq!((head.kind, head.sequence), (Kind::Mark, 3));
        assert_eq!(head.value(&bytes).and_then(Mark::read), Some(mark));
    }
}
