//! What a file holds when it is opened: an empty store, a store, a damaged one, or nothing of ours.

use super::disk::{DiskFile, failed, read_full};
use super::header::{self, Header, Start};
use super::place::Place;
use super::replay::{Replay, replay};
use super::scan::Scan;
use crate::error::{Error, Result};

/// A file's content, and what may be done with the file.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) replay: Replay,
    /// The header of a file that may be appended to. `None`: a new file is to take its place.
    pub(super) header: Option<Header>,
    /// Whether a copy is to be kept of what a new file will replace.
    pub(super) keep: bool,
}

/// Reads `len` bytes of a file. Nothing is written.
///
/// # Errors
/// [`Error::Incompatible`] for a file of a newer version, [`Error::Unavailable`] and [`Error::Io`] where the system does
/// not let it be read. Damage is no error but a part of the answer.
pub(super) fn recover(place: &Place, file: &dyn DiskFile, len: u64) -> Result<Recovered> {
    let unread = || failed("read", &place.log);
    let mut start = [0; header::LEN];
    let got = read_full(file, &mut start, 0).map_err(unread())?;
    let start = header::read(start.get(..got).unwrap_or_default());
    let scan = match start {
        Start::Ours(header) => Some(Scan::new(file, len, header)),
        Start::Newer(found) => {
            return Err(Error::Incompatible {
                what: "the event log",
                found,
                supported: header::VERSION,
                event: None,
            });
        }
        Start::Unwritten | Start::Unreadable => Scan::without_header(file, len).map_err(unread())?,
    };
    let mut recovered = Recovered { keep: len > header::LEN as u64, ..Recovered::default() };
    if let Some(mut scan) = scan {
        recovered.replay = replay(&mut scan).map_err(unread())?;
        recovered.header = Some(scan.header());
        recovered.keep = recovered.replay.damaged || !matches!(start, Start::Ours(_));
    } else {
        // A file that was never finished holds nothing that anybody was promised.
        recovered.replay.losses.unknown = start == Start::Unreadable;
    }
    if recovered.keep {
        recovered.header = None;
    }
    Ok(recovered)
}
