//! Finds the frames in a file, and the next frame after damage.

use std::io;

use super::disk::DiskFile;
use super::frame::{FrameKind, Head, MARKER, MAX_HEAD_LEN};
use super::header::Header;
use super::index::{Change, Slot};
use super::mark::{MARK_FRAME_LEN, Mark};
use super::read_buffer::ReadBuffer;
use super::synced_len::FIRST_FRAME;

/// The size of one step of the search for a marker.
const SEARCH_CHUNK_BYTES: usize = 64 << 10;

/// The result of reading at one offset. `next` is the offset at which to continue.
#[derive(Debug)]
pub(super) enum Found {
    /// The end of the file.
    End,
    /// A valid frame that changes the index.
    Record { head: Head, change: Change, next: u64 },
    /// A valid mark, and whether it stands at the offset that it contains.
    Mark { head: Head, is_in_place: bool, next: u64 },
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
    /// The first `len` bytes of a file.
    pub(super) fn new(file: &'f dyn DiskFile, len: u64, header: Header) -> Scan<'f> {
        Scan { reader: ReadBuffer::new(file, len), header, seed: header.seed() }
    }

    pub(super) fn seed(&self) -> u32 {
        self.seed
    }

    /// The length of the file.
    pub(super) fn len(&self) -> u64 {
        self.reader.len()
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
                    Some(mark) if mark.header == self.header => {
                        Found::Mark { head, is_in_place: mark.offset == at, next }
                    }
                    _ => Found::DamagedValue { head, key, next },
                });
            }
        };
        Ok(Found::Record { head, change, next })
    }

    /// The end of the last mark at or behind `from`, also of a mark of another log: bytes of
    /// another file do not follow an unfinished write. 0 if there is no mark.
    pub(super) fn marked_len(&mut self, from: u64) -> io::Result<u64> {
        let (mut at, mut marked) = (from, 0);
        // The header can be that of another log whose marks are missing here.
        if from == FIRST_FRAME as u64 && self.is_frame_of_another_log(from)? {
            marked = from + 1;
        }
        loop {
            at = match self.at(at)? {
                Found::End => return Ok(marked),
                Found::Mark { next, .. } => {
                    marked = next;
                    next
                }
                Found::Record { next, .. } | Found::DamagedValue { next, .. } => next,
                Found::NoFrame { next } => {
                    if Mark::of_any_log(self.reader.at(at, MAX_HEAD_LEN)?).is_some() {
                        marked = at + MARK_FRAME_LEN as u64;
                    }
                    next
                }
            };
        }
    }

    /// Whether a whole frame with another seed begins at `at`.
    fn is_frame_of_another_log(&mut self, at: u64) -> io::Result<bool> {
        let bytes = self.reader.at(at, MAX_HEAD_LEN)?;
        let head = Head::of_any_log(bytes).filter(|_| Head::read(bytes, self.seed).is_none());
        let Some(head) = head.filter(|head| head.value_len > 0) else { return Ok(false) };
        Ok(head.value(self.reader.at(at, head.frame_len())?).is_some())
    }
}

/// The header of the log to which most marks in a file belong; `None` if there are no marks. If no
/// log has more than half of the marks, it is one of those with marks.
pub(super) fn header_of_marks(file: &dyn DiskFile, len: u64) -> io::Result<Option<Header>> {
    let mut reader = ReadBuffer::new(file, len);
    // The majority vote of Boyer and Moore, which takes no memory for each log.
    let (mut leader, mut lead) = (None, 0_u64);
    let mut at = next_marker(&mut reader, 0)?;
    while at < len {
        if let Some(mark) = Mark::of_any_log(reader.at(at, MAX_HEAD_LEN)?) {
            match leader {
                Some(header) if header == mark.header => lead += 1,
                Some(_) if lead > 0 => lead -= 1,
                _ => (leader, lead) = (Some(mark.header), 1),
            }
        }
        at = next_marker(&mut reader, at + 1)?;
    }
    Ok(leader)
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
