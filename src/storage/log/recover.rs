//! Reads a log file at opening, valid or not.

use super::disk::{DiskFile, failed, read_full};
use super::folder::LogFolder;
use super::header::{self, Header, HeaderState};
use super::replay::{Replay, replay};
use super::scan::Scan;
use crate::error::{Error, Result};

/// The content of a file, and how it may be written to.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) replay: Replay,
    /// The header, if frames may be appended. `None`: the first write must rewrite the file.
    pub(super) header: Option<Header>,
    /// Whether the file must be copied before it is replaced.
    pub(super) keep_copy: bool,
}

/// Reads the first `len` bytes of a file. Writes nothing.
///
/// # Errors
/// [`Error::Incompatible`] if a newer version wrote the file, [`Error::Unavailable`] and
/// [`Error::Io`] if it cannot be read. Damage is not an error: it is part of the result.
pub(super) fn recover(folder: &LogFolder, file: &dyn DiskFile, len: u64) -> Result<Recovered> {
    let read_failed = || failed("read the event log", &folder.log);
    let mut start = [0; header::LEN];
    let got = read_full(file, &mut start, 0).map_err(read_failed())?;
    let start = header::read(start.get(..got).unwrap_or_default());
    let scan = match start {
        HeaderState::Valid(header) => Some(Scan::new(file, len, header)),
        HeaderState::Newer(found) => {
            return Err(Error::Incompatible {
                what: "the event log",
                found,
                supported: header::VERSION,
                event: None,
            });
        }
        HeaderState::Unfinished | HeaderState::Invalid => {
            Scan::without_header(file, len).map_err(read_failed())?
        }
    };
    let mut recovered = Recovered { keep_copy: len > header::LEN as u64, ..Recovered::default() };
    if let Some(mut scan) = scan {
        recovered.replay = replay(&mut scan).map_err(read_failed())?;
        recovered.header = Some(scan.header());
        recovered.keep_copy = recovered.replay.damaged || !matches!(start, HeaderState::Valid(_));
    } else {
        // A file whose creation was interrupted never contained acknowledged records.
        recovered.replay.losses.unknown = start == HeaderState::Invalid;
    }
    if recovered.keep_copy {
        recovered.header = None;
    }
    Ok(recovered)
}
