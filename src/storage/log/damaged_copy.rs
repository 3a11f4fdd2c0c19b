//! Copies a damaged or foreign file before a new log replaces it.

use std::path::{Path, PathBuf};

use super::super::io_error::{failed, present};
use super::disk::{DiskFile, read_full, write_full};
use super::folder::LogFolder;
use crate::bounds::{LOG_MAX_DAMAGED_COPIES, LOG_MAX_DAMAGED_COPY_BYTES};
use crate::error::Result;
use crate::report::report;

const CHUNK_BYTES: usize = 64 << 10;

/// Copies the first `len` bytes of `file` to a new file, unless an equal copy exists. Returns the
/// path of the copy. If all numbers are in use, the copy with the highest number is replaced: the
/// earlier ones are likely to hold the most events.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable) and [`Error::Io`](crate::Error::Io) if a file
/// cannot be read or written; an unfinished copy is removed.
pub(super) fn keep_copy(folder: &LogFolder, file: &dyn DiskFile, len: u64) -> Result<PathBuf> {
    let len = len.min(LOG_MAX_DAMAGED_COPY_BYTES);
    for number in 1..=LOG_MAX_DAMAGED_COPIES {
        let path = folder.damaged_copy(number);
        match present(folder.disk.open(&path)).map_err(failed("open a copy of a damaged log", &path))? {
            Some(kept) if is_copy(file, &*kept, len) => return Ok(path),
            Some(_) if number < LOG_MAX_DAMAGED_COPIES => continue,
            Some(_) => {
                folder.disk.remove(&path).map_err(failed("remove a copy of a damaged log", &path))?;
            }
            None => {}
        }
        if let Err(error) = copy(folder, file, len, &path) {
            if let Err(error) = folder.disk.remove(&path) {
                report!(debug, "could not remove an unfinished copy of a damaged log: {error}");
            }
            return Err(error);
        }
        return Ok(path);
    }
    Ok(folder.damaged_copy(LOG_MAX_DAMAGED_COPIES))
}

fn copy(folder: &LogFolder, file: &dyn DiskFile, len: u64, path: &Path) -> Result<()> {
    let copy = folder.disk.create(path).map_err(failed("create a copy of a damaged log", path))?;
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut at = 0;
    while let Some(chunk) =
        read_chunk(file, &mut buffer, at, len).map_err(failed("read the event log", &folder.log))?
    {
        write_full(&*copy, chunk, at).map_err(failed("write a copy of a damaged log", path))?;
        at += chunk.len() as u64;
    }
    copy.sync_data().map_err(failed("sync a copy of a damaged log", path))
}

/// Whether `kept` equals the first `len` bytes of `file`. `false` if either cannot be read.
fn is_copy(file: &dyn DiskFile, kept: &dyn DiskFile, len: u64) -> bool {
    let (mut ours, mut theirs) = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES]);
    let mut at = 0;
    while let (Ok(a), Ok(b)) =
        (read_chunk(file, &mut ours, at, len), read_chunk(kept, &mut theirs, at, u64::MAX))
    {
        match (a, b) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b => at += a.len() as u64,
            _ => return false,
        }
    }
    false
}

/// The bytes from `at` on, at most to `len` or to the end of the buffer; `None` at the end.
fn read_chunk<'b>(
    file: &dyn DiskFile,
    buffer: &'b mut [u8],
    at: u64,
    len: u64,
) -> std::io::Result<Option<&'b [u8]>> {
    let left = usize::try_from(len.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
    let got = read_full(file, buffer.get_mut(..left).unwrap_or_default(), at)?;
    Ok(buffer.get(..got).filter(|chunk| !chunk.is_empty()))
}
