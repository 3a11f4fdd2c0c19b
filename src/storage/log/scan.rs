//! Finds the frames in a file, and the next frame after damage.

use std::io;

use super::disk::DiskFile;
use super::frame::{FrameKind, Head, MARK_VALUE_LEN, MARKER, MAX_HEAD_LEN, frame_len};
use super::header::{self, Header};
use super::index::{Change, Slot};
use super::mark::Mark;
use super::read_buffer::ReadBuffer;

/// The size of one step of the search for a marker.
const SEARCH_CHUNK_BYTES: usize = 64 << 10;

/// The result of reading at one offset. `next` is the offset at which to continue.
#[derive(Debug)]
pub(super) enum Found {
    /// The end of the file.
    End,
    /// A valid frame that changes the index.
    Record { head: Head, change: Change, next: u64 },
    /// A valid mark.
    Mark { head: Head, mark: Mark, next: u64 },
    /// A frame with a valid head and a damaged value, so its key and its length are known.
    DamagedValue { head: Head, key: Box<str>, next: u64 },
    /// No valid frame. `next` is the offset of the next marker, or the end of the file.
    NoFrame { next: u64 },
}

/// A file with a known header.
#[derive(Debug)]
pub(super) struct Scan<'f> {
    reader: ReadBuffer<'f>,
    header: Header,
    seed: u32,
}

impl<'f> Scan<'f> {
    pub(super) fn new(file: &'f dyn DiskFile, len: u64, header: Header) -> Scan<'f> {
        Scan { reader: ReadBuffer::new(file, len), header, seed: header.seed() }
    }

    /// A file whose header is damaged: the id is taken from the first valid mark. `None` if there
    /// is no valid mark.
    pub(super) fn without_header(file: &'f dyn DiskFile, len: u64) -> io::Result<Option<Scan<'f>>> {
        let mut reader = ReadBuffer::new(file, len);
        let mut at = header::LEN as u64;
        while at < len {
            let header = mark_at(reader.at(at, MAX_HEAD_LEN)?)
                .filter(|mark| mark.synced_len <= at)
                .map(|mark| mark.header);
            if let Some(header) = header {
                return Ok(Some(Scan { reader, header, seed: header.seed() }));
            }
            at = next_marker(&mut reader, at + 1)?;
        }
        Ok(None)
    }

    pub(super) fn header(&self) -> Header {
        self.header
    }

    /// Reads the frame at offset `at`.
    pub(super) fn at(&mut self, at: u64) -> io::Result<Found> {
        let left = self.reader.len().saturating_sub(at);
        if left == 0 {
            return Ok(Found::End);
        }
        let head = Head::read(self.reader.at(at, MAX_HEAD_LEN)?, self.seed);
        let Some((head, key)) = head.filter(|(head, _)| head.frame_len() as u64 <= left) else {
            return Ok(Found::NoFrame { next: next_marker(&mut self.reader, at + 1)? });
        };
        let (key, len) = (Box::from(key), head.frame_len());
        let next = at + len as u64;
        let Some(value) = head.value(self.reader.at(at, len)?) else {
            return Ok(Found::DamagedValue { head, key, next });
        };
        let change = match head.kind {
            FrameKind::Put => Change::Put(key, Slot { offset: at, value_len: head.value_len }),
            FrameKind::Delete => Change::Delete(key),
            FrameKind::Meta => Change::Meta(value.into()),
            FrameKind::Mark => {
                return Ok(match Mark::read(value) {
                    Some(mark) if mark.header == self.header && mark.synced_len <= at => {
                        Found::Mark { head, mark, next }
                    }
                    _ => Found::DamagedValue { head, key, next },
                });
            }
        };
        Ok(Found::Record { head, change, next })
    }

    /// The largest length that a mark at or behind `from` states as synced; 0 if there is no mark.
    pub(super) fn synced_len(&mut self, from: u64) -> io::Result<u64> {
        let (mut at, mut synced_len) = (from, 0);
        loop {
            at = match self.at(at)? {
                Found::End => return Ok(synced_len),
                Found::Mark { mark, next, .. } => {
                    synced_len = synced_len.max(mark.synced_len);
                    next
                }
                Found::Record { next, .. } | Found::DamagedValue { next, .. } | Found::NoFrame { next } => {
                    next
                }
            };
        }
    }
}

/// The mark at the beginning of `bytes`, checked with the id that the mark itself contains.
fn mark_at(bytes: &[u8]) -> Option<Mark> {
    // The checksum starts from the id, so the id is read first and the frame is checked afterwards.
    let value = bytes.get(frame_len(0, 0)..)?.get(..MARK_VALUE_LEN)?;
    let mark = Mark::read(value)?;
    let (head, _) = Head::read(bytes, mark.header.seed())?;
    (head.kind == FrameKind::Mark && head.value(bytes).is_some()).then_some(mark)
}

/// The offset of the first marker at or behind `from`, or the end of the file.
fn next_marker(reader: &mut ReadBuffer<'_>, from: u64) -> io::Result<u64> {
    let mut at = from;
    while at < reader.len() {
        let bytes = reader.at(at, SEARCH_CHUNK_BYTES)?;
        if bytes.is_empty() {
            break;
        }
        if let Some(offset) = bytes.windows(MARKER.len()).position(|four| four == MARKER) {
            return Ok(at + offset as u64);
        }
        // A marker can lie across two chunks.
        at += bytes.len().saturating_sub(MARKER.len() - 1).max(1) as u64;
    }
    Ok(reader.len())
}
