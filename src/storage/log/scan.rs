//! Finds the frames in a file, and the next one where one is damaged.

use std::io;

use super::disk::DiskFile;
use super::frame::{Head, Kind, MARKER, MAX_HEAD};
use super::header::{self, Header};
use super::index::{Change, Slot};
use super::mark::Mark;
use super::window::Window;

/// How much is searched for a marker at once.
const STRIDE: usize = 64 << 10;

/// What lies at one position.
#[derive(Debug)]
pub(super) enum Found {
    /// The file's end.
    End,
    /// A whole frame that changes something, and where the next begins.
    Record { head: Head, change: Change, next: u64 },
    /// A whole mark.
    Mark { head: Head, mark: Mark, next: u64 },
    /// A frame whose value is damaged. Its head is not, so its key and its length are known.
    Hurt { head: Head, key: Box<str>, next: u64 },
    /// No frame. `next` is where one may begin.
    Nothing { next: u64 },
}

/// A file of known id.
#[derive(Debug)]
pub(super) struct Scan<'f> {
    window: Window<'f>,
    header: Header,
    seed: u32,
}

impl<'f> Scan<'f> {
    pub(super) fn new(file: &'f dyn DiskFile, len: u64, header: Header) -> Scan<'f> {
        Scan { window: Window::new(file, len), header, seed: header.seed() }
    }

    /// A file whose header is damaged: its id is taken from the first mark that vouches for itself. `None` if there
    /// is none.
    pub(super) fn without_header(file: &'f dyn DiskFile, len: u64) -> io::Result<Option<Scan<'f>>> {
        let mut window = Window::new(file, len);
        let mut at = header::LEN as u64;
        while at < len {
            let header =
                mark_at(window.at(at, MAX_HEAD)?).filter(|mark| mark.safe <= at).map(|mark| mark.header);
            if let Some(header) = header {
                return Ok(Some(Scan { window, header, seed: header.seed() }));
            }
            at = next_marker(&mut window, at + 1)?;
        }
        Ok(None)
    }

    pub(super) fn header(&self) -> Header {
        self.header
    }

    /// What begins at `at`.
    pub(super) fn at(&mut self, at: u64) -> io::Result<Found> {
        let left = self.window.len().saturating_sub(at);
        if left == 0 {
            return Ok(Found::End);
        }
        let Some((head, key)) = Head::read(self.window.at(at, MAX_HEAD)?, self.seed) else {
            return Ok(Found::Nothing { next: next_marker(&mut self.window, at + 1)? });
        };
        let (key, len) = (Box::from(key), head.frame_len());
        if len as u64 > left {
            return Ok(Found::Nothing { next: next_marker(&mut self.window, at + 1)? });
        }
        let next = at + len as u64;
        let Some(value) = head.value(self.window.at(at, len)?) else {
            return Ok(Found::Hurt { head, key, next });
        };
        let change = match head.kind {
            Kind::Put => Change::Put(key, Slot { offset: at, value_len: head.value_len }),
            Kind::Delete => Change::Delete(key),
            Kind::Meta => Change::Meta(value.into()),
            Kind::Mark => {
                return Ok(match Mark::read(value) {
                    Some(mark) if mark.header == self.header && mark.safe <= at => {
                        Found::Mark { head, mark, next }
                    }
                    _ => Found::Hurt { head, key, next },
                });
            }
        };
        Ok(Found::Record { head, change, next })
    }

    /// The largest length that a mark at or behind `from` calls safe; 0 if there is no mark.
    pub(super) fn safe_len(&mut self, from: u64) -> io::Result<u64> {
        let (mut at, mut safe) = (from, 0);
        loop {
            at = match self.at(at)? {
                Found::End => return Ok(safe),
                Found::Mark { mark, next, .. } => {
                    safe = safe.max(mark.safe);
                    next
                }
                Found::Record { next, .. } | Found::Hurt { next, .. } | Found::Nothing { next } => next,
            };
        }
    }
}

/// The mark at the beginning of `bytes`, checked with the id that it names itself.
fn mark_at(bytes: &[u8]) -> Option<Mark> {
    // The shortest way to the id is to read the frame as if it were right, and then to ask whether it is.
    let value = bytes.get(super::frame::frame_len(0, 0)..)?.get(..super::mark::LEN)?;
    let mark = Mark::read(value)?;
    let (head, _) = Head::read(bytes, mark.header.seed())?;
    (head.kind == Kind::Mark && head.value(bytes).is_some()).then_some(mark)
}

/// The first position from `from` on at which a frame may begin, or the end.
fn next_marker(window: &mut Window<'_>, from: u64) -> io::Result<u64> {
    let mut at = from;
    while at < window.len() {
        let bytes = window.at(at, STRIDE)?;
        if bytes.is_empty() {
            break;
        }
        if let Some(skip) = bytes.windows(MARKER.len()).position(|four| four == MARKER) {
            return Ok(at + skip as u64);
        }
        // A marker may straddle two strides.
        at += bytes.len().saturating_sub(MARKER.len() - 1).max(1) as u64;
    }
    Ok(window.len())
}
