//! Packing pairs.

use crate::counter::varint;

/// Packs pairs. Returns the number and the count of the first pair, and the packed others. The
/// numbers of `pairs` descend strictly.
pub(crate) fn pack(pairs: impl IntoIterator<Item = (i64, u64)>) -> (i64, u64, Vec<u8>) {
    let mut pairs = pairs.into_iter();
    let Some((newest, count)) = pairs.next() else { return (0, 0, Vec::new()) };
    let (mut packer, mut last) = (Packer::default(), newest);
    for (number, count) in pairs {
        packer.push(last.abs_diff(number), count);
        last = number;
    }
    packer.end();
    (newest, count, packer.bytes)
}

/// Packs older pairs, newest first. Its buffers can be used again.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    bytes: Vec<u8>,
    /// The counts above one, minus two.
    counts: Vec<u8>,
}

impl Packer {
    /// Adds a pair with its gap to the next newer number, below 2^63.
    pub(crate) fn push(&mut self, gap: u64, count: u64) {
        match count.checked_sub(2) {
            Some(extra) => {
                varint::put(&mut self.bytes, gap << 1 | 1);
                varint::put(&mut self.counts, extra);
            }
            None => varint::put(&mut self.bytes, gap << 1),
        }
    }

    /// Adds so many pairs with this count, above zero, in successive buckets.
    pub(crate) fn push_run(&mut self, pairs: usize, count: u64) {
        match count.checked_sub(2) {
            Some(extra) => {
                self.bytes.resize(self.bytes.len() + pairs, 1 << 1 | 1);
                match u8::try_from(extra) {
                    Ok(extra @ ..0x80) => self.counts.resize(self.counts.len() + pairs, extra),
                    _ => (0..pairs).for_each(|_| varint::put(&mut self.counts, extra)),
                }
            }
            None => self.bytes.resize(self.bytes.len() + pairs, 1 << 1),
        }
    }

    /// Ends the series. Returns the packed pairs.
    pub(crate) fn end(&mut self) -> &[u8] {
        self.bytes.extend(self.counts.drain(..).rev());
        &self.bytes
    }

    /// Begins another series.
    pub(crate) fn begin(&mut self) {
        self.bytes.clear();
        self.counts.clear();
    }
}
