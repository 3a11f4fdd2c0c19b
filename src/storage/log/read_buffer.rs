//! Reads a file in few big pieces, however it is looked at.

use super::disk::{DiskFile, read_full};
use std::io;

/// How much is read at once. Frames longer than that are read whole.
const PIECE: usize = 256 << 10;

/// A piece of a file in memory. It grows to the longest run of bytes asked for, which the format bounds, and never
/// beyond the file's length.
#[derive(Debug)]
pub(super) struct Window<'f> {
    file: &'f dyn DiskFile,
    len: u64,
    base: u64,
    piece: Vec<u8>,
}

impl<'f> Window<'f> {
    /// A window on the first `len` bytes of a file.
    pub(super) fn new(file: &'f dyn DiskFile, len: u64) -> Window<'f> {
        Window { file, len, base: 0, piece: Vec::new() }
    }

    /// The length of what can be seen.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The `count` bytes from `offset` on, or as many as there are.
    pub(super) fn at(&mut self, offset: u64, count: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = count.min(left);
        let inside = offset.checked_sub(self.base).and_then(|skip| usize::try_from(skip).ok());
        if let Some(skip) =
            inside.filter(|skip| skip.checked_add(count).is_some_and(|end| end <= self.piece.len()))
        {
            return Ok(self.piece.get(skip..skip + count).unwrap_or_default());
        }
        self.piece.resize(count.max(PIECE).min(left), 0);
        self.base = offset;
        let got = match read_full(self.file, &mut self.piece, offset) {
            Ok(got) => got,
            Err(error) => {
                self.piece.clear();
                return Err(error);
            }
        };
        self.piece.truncate(got);
        Ok(self.piece.get(..count.min(got)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn every_range_reads_as_it_lies_in_the_file() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(PIECE * 2 + 77).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let mut window = Window::new(&file, bytes.len() as u64);
        for (offset, count) in
            [(0, 10), (5, PIECE), (PIECE + 9, PIECE), (3, PIECE * 2), (7, 1), (PIECE * 2, 200)]
        {
            let end = bytes.len().min(offset + count);
            assert_eq!(window.at(offset as u64, count).unwrap(), &bytes[offset..end], "{offset} {count}");
        }
        assert_eq!(window.at(u64::MAX, usize::MAX).unwrap(), b"");
    }

    #[test]
    fn a_file_shorter_than_it_was_said_to_be_gives_what_there_is() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        assert_eq!(Window::new(&file, 1 << 40).at(1, 100).unwrap(), b"bc");
    }
}
