//! The newest bucket of a series, in a form whose count can be raised in place.

/// The size of an open bucket in bytes.
pub(super) const OPEN_BUCKET: usize = 16;
const END_BITS: u32 = 24;

/// The newest bucket of a series, and the end of its packed older buckets in the data of the cell.
/// If the count is 0, the series is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OpenBucket {
    /// The bucket's number in the upper 40 bits, the end in the lower 24.
    head: i64,
    pub(super) count: u64,
}

impl OpenBucket {
    #[inline]
    pub(super) fn read(bytes: &[u8; OPEN_BUCKET]) -> OpenBucket {
        let (head, count) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let count = count.first_chunk().unwrap_or(&[0; 8]);
        OpenBucket { head: i64::from_le_bytes(*head), count: u64::from_le_bytes(*count) }
    }

    #[inline]
    pub(super) fn write(self, bytes: &mut [u8; OPEN_BUCKET]) {
        let (head, count) = bytes.split_at_mut(8);
        head.copy_from_slice(&self.head.to_le_bytes());
        count.copy_from_slice(&self.count.to_le_bytes());
    }

    pub(super) fn new(number: i64, count: u64, end: usize) -> OpenBucket {
        let end = i64::try_from(end).unwrap_or(i64::MAX) & ((1 << END_BITS) - 1);
        OpenBucket { head: (number << END_BITS) | end, count }
    }

    #[inline]
    pub(super) fn number(self) -> i64 {
        self.head >> END_BITS
    }

    #[inline]
    pub(super) fn end(self) -> usize {
        usize::try_from(self.head & ((1 << END_BITS) - 1)).unwrap_or(0)
    }
}
