//! Buffered reads at any offset of a file.

use super::disk::{DiskFile, read_full};
use std::io;

/// The size of one read. A longer frame is read in one chunk.
const READ_CHUNK_BYTES: usize = 256 << 10;

/// A part of a file in memory. It grows to the longest request, which is at most the longest frame,
/// and never beyond the length of the file.
#[derive(Debug)]
pub(super) struct ReadBuffer<'f> {
    file: &'f dyn DiskFile,
    len: u64,
    base: u64,
    chunk: Vec<u8>,
}

impl<'f> ReadBuffer<'f> {
    /// A buffer for the first `len` bytes of a file.
    pub(super) fn new(file: &'f dyn DiskFile, len: u64) -> ReadBuffer<'f> {
        ReadBuffer { file, len, base: 0, chunk: Vec::new() }
    }

    /// The length of the readable part of the file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The `count` bytes from `offset` on, or fewer at the end of the file.
    pub(super) fn at(&mut self, offset: u64, count: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = count.min(left);
        let inside = offset.checked_sub(self.base).and_then(|start| usize::try_from(start).ok());
        if let Some(start) =
            inside.filter(|start| start.checked_add(count).is_some_and(|end| end <= self.chunk.len()))
        {
            return Ok(self.chunk.get(start..start + count).unwrap_or_default());
        }
        self.chunk.resize(count.max(READ_CHUNK_BYTES).min(left), 0);
        self.base = offset;
        let got = match read_full(self.file, &mut self.chunk, offset) {
            Ok(got) => got,
            Err(error) => {
                self.chunk.clear();
                return Err(error);
            }
        };
        self.chunk.truncate(got);
        Ok(self.chunk.get(..count.min(got)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn every_range_equals_the_bytes_of_the_file() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(READ_CHUNK_BYTES * 2 + 77).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let mut reader = ReadBuffer::new(&file, bytes.len() as u64);
        for (offset, count) in [
            (0, 10),
            (5, READ_CHUNK_BYTES),
            (READ_CHUNK_BYTES + 9, READ_CHUNK_BYTES),
            (3, READ_CHUNK_BYTES * 2),
            (7, 1),
            (READ_CHUNK_BYTES * 2, 200),
        ] {
            let end = bytes.len().min(offset + count);
            assert_eq!(reader.at(offset as u64, count).unwrap(), &bytes[offset..end], "{offset} {count}");
        }
        assert_eq!(reader.at(u64::MAX, usize::MAX).unwrap(), b"");
    }

    #[test]
    fn a_file_shorter_than_the_stated_length_gives_its_bytes() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        assert_eq!(ReadBuffer::new(&file, 1 << 40).at(1, 100).unwrap(), b"bc");
    }
}
