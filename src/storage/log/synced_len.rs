//! The synced length at the front of the file, behind the header.
//!
//! The marks in the file state it too, but they are missing together with the end of the file. Each
//! sync overwrites the older of two copies, so one copy is left if that write is torn.

use super::header::{self, Header};

/// The offset of the first frame: the header and the two copies are before it.
pub(super) const FIRST_FRAME: usize = header::LEN + 2 * COPY_LEN;

/// The length of a copy: the synced length (8 bytes) and its checksum (4 bytes).
const COPY_LEN: usize = 12;

/// The two copies. A damaged one is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SyncedLen([Option<u64>; 2]);

impl SyncedLen {
    /// The copies in `front`, the first [`FIRST_FRAME`] bytes of a file or fewer.
    pub(super) fn read(front: &[u8], header: Header) -> SyncedLen {
        SyncedLen([0, 1].map(|copy| {
            let bytes = front.get(offset(copy)..)?;
            let (len, rest) = bytes.split_first_chunk::<8>()?;
            let (crc, _) = rest.split_first_chunk::<4>()?;
            (*crc == checksum(*len, header)).then_some(u64::from_le_bytes(*len))
        }))
    }

    /// The longest length; `None` if both copies are damaged.
    pub(super) fn longest(self) -> Option<u64> {
        self.0.into_iter().flatten().max()
    }

    /// The copy that the next sync overwrites: a damaged one, or the one with the smaller length.
    pub(super) fn next(self) -> usize {
        let [first, second] = self.0;
        usize::from(second < first)
    }

    /// Notes what a copy holds; `None` if that is not known because a write failed.
    pub(super) fn set(&mut self, copy: usize, len: Option<u64>) {
        if let Some(held) = self.0.get_mut(copy) {
            *held = len;
        }
    }
}

/// The offset of a copy in the file.
pub(super) fn offset(copy: usize) -> usize {
    header::LEN + copy * COPY_LEN
}

/// The bytes of a copy.
pub(super) fn to_bytes(len: u64, header: Header) -> [u8; COPY_LEN] {
    let mut bytes = [0; COPY_LEN];
    let len = len.to_le_bytes();
    for (byte, value) in bytes.iter_mut().zip(len.into_iter().chain(checksum(len, header))) {
        *byte = value;
    }
    bytes
}

fn checksum(len: [u8; 8], header: Header) -> [u8; 4] {
    crc32c::crc32c_append(header.seed(), &len).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header { id: 9 };

    fn front(first: u64, second: u64) -> Vec<u8> {
        [&HEADER.to_bytes()[..], &to_bytes(first, HEADER), &to_bytes(second, HEADER)].concat()
    }

    #[test]
    fn the_longer_of_two_copies_counts_and_the_shorter_is_overwritten_next() {
        for (first, second, longest, next) in [(100, 200, 200, 0), (300, 200, 300, 1), (88, 88, 88, 0)] {
            let read = SyncedLen::read(&front(first, second), HEADER);
            assert_eq!((read.longest(), read.next()), (Some(longest), next));
        }
    }

    #[test]
    fn a_damaged_copy_is_overwritten_next() {
        let whole = front(100, 200);
        for bit in header::LEN * 8..FIRST_FRAME * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = SyncedLen::read(&bytes, HEADER);
            let damaged = usize::from(bit / 8 >= offset(1));
            assert_eq!((read.longest(), read.next()), (Some([200, 100][damaged]), damaged), "{bit}");
        }
    }

    #[test]
    fn copies_of_another_file_or_a_short_file_are_damaged() {
        let whole = front(100, 200);
        assert_eq!(SyncedLen::read(&whole, Header { id: 8 }).longest(), None);
        assert_eq!(SyncedLen::read(&whole[..offset(1) - 1], HEADER).longest(), None);
        assert_eq!(SyncedLen::read(&whole[..FIRST_FRAME - 1], HEADER).longest(), Some(100));
    }
}
