//! Reads a log file at opening, valid or not.

use std::io;

use super::super::io_error::failed;
use super::disk::{DiskFile, Stat, read_full};
use super::folder::LogFolder;
use super::header::{self, Header, HeaderState};
use super::replay::{Replay, replay};
use super::scan::{Scan, header_of_marks};
use super::synced_len::{FIRST_FRAME, SyncedLen};
use crate::error::{Error, Result};

/// The content of a file, and how it may be written to.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) replay: Replay,
    /// The header and the synced length, if frames may be appended. `None`: the file is damaged or
    /// foreign, and the first write must copy and rewrite it.
    pub(super) front: Option<(Header, SyncedLen)>,
    pub(super) stat: Stat,
}

/// Reads a file. Writes nothing.
///
/// # Errors
/// [`Error::Incompatible`] if a newer version wrote the file, [`Error::Unavailable`] and
/// [`Error::Io`] if it cannot be read. Damage is not an error: it is part of the result.
pub(super) fn recover(folder: &LogFolder, file: &dyn DiskFile) -> Result<Recovered> {
    let read_failed = || failed("read the event log", &folder.log);
    let mut front = [0; FIRST_FRAME];
    let got = read_full(file, &mut front, 0).map_err(read_failed())?;
    // Inspected after the front was read: otherwise another process could raise the synced length
    // above this length meanwhile.
    let stat = file.stat().map_err(failed("inspect the event log", &folder.log))?;
    let front = front.get(..got).unwrap_or_default();
    let header = match header::read(front) {
        HeaderState::Valid(header) => Some(header),
        HeaderState::Invalid => None,
        HeaderState::Newer(found) => {
            return Err(Error::Incompatible {
                what: "the event log",
                found,
                supported: header::VERSION,
                event: None,
            });
        }
    };
    let (replay, front) = read(file, stat.len, front, header).map_err(read_failed())?;
    Ok(Recovered { replay, front, stat })
}

type Read = (Replay, Option<(Header, SyncedLen)>);

fn read(file: &dyn DiskFile, len: u64, front: &[u8], header: Option<Header>) -> io::Result<Read> {
    let mut best = None;
    if let Some(header) = header {
        let synced_len = SyncedLen::read(front, header);
        let replay = read_as(file, len, header, synced_len)?;
        if !replay.damaged {
            return Ok((replay, Some((header, synced_len))));
        }
        best = Some(replay);
    }
    // The header is damaged or missing, or that of another log, or the file is damaged elsewhere.
    if let Some(of_marks) = header_of_marks(file, len)?.filter(|of_marks| Some(*of_marks) != header) {
        let mut replay = read_as(file, len, of_marks, SyncedLen::read(front, of_marks))?;
        replay.losses.unknown |= header.is_some();
        if best.as_ref().is_none_or(|best| replay.index.slots.len() > best.index.slots.len()) {
            best = Some(replay);
        }
    }
    let replay = best.unwrap_or_else(|| {
        let mut nothing = Replay::default();
        nothing.losses.unknown = true;
        nothing
    });
    Ok((replay, None))
}

/// Reads a file with this header.
fn read_as(file: &dyn DiskFile, len: u64, header: Header, synced_len: SyncedLen) -> io::Result<Replay> {
    let mut scan = Scan::new(file, len, header);
    match synced_len.longest() {
        Some(stated_len) => replay(&mut scan, FIRST_FRAME as u64, stated_len),
        // Without the synced length it is not known how long the file was, so all that is left of it
        // counts. The first bytes can be missing too, so frames are searched from there on.
        None => replay(&mut scan, 0, u64::MAX),
    }
}
