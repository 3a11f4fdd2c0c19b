//! Keeps a copy of a file that is damaged or not ours, before a new one takes its place.

use std::path::{Path, PathBuf};

use super::disk::{DiskFile, failed, present, read_full, write_full};
use super::place::{KEPT, Place};
use crate::error::Result;

/// How much of a file is kept at most. What lies in our place may be anything.
const MOST: u64 = 64 << 20;
const PIECE: usize = 64 << 10;

/// Copies the first `len` bytes of `file` to a name of their own, unless such a copy is there already. Returns its
/// name.
///
/// # Errors
/// Those of the system; a copy that could not be finished is removed.
pub(super) fn keep(place: &Place, file: &dyn DiskFile, len: u64) -> Result<PathBuf> {
    let len = len.min(MOST);
    for number in 1..=KEPT {
        let path = place.damaged(number);
        match present(place.disk.open(&path)).map_err(failed("open", &path))? {
            Some(kept) if same(file, &*kept, len) => return Ok(path),
            Some(_) if number < KEPT => continue,
            Some(_) => place.disk.remove(&path).map_err(failed("remove", &path))?,
            None => {}
        }
        if let Err(error) = copy(place, file, len, &path) {
            if let Err(error) = place.disk.remove(&path) {
                ::log::debug!("could not remove an unfinished copy of a damaged log: {error}");
            }
            return Err(error);
        }
        return Ok(path);
    }
    Ok(place.damaged(KEPT))
}

fn copy(place: &Place, file: &dyn DiskFile, len: u64, path: &Path) -> Result<()> {
    let copy = place.disk.create(path).map_err(failed("create", path))?;
    let mut buffer = vec![0; PIECE];
    let mut at = 0;
    while let Some(piece) = next(file, &mut buffer, at, len).map_err(failed("read", &place.log))? {
        write_full(&*copy, piece, at).map_err(failed("write", path))?;
        at += piece.len() as u64;
    }
    copy.sync_data().map_err(failed("sync", path))
}

/// Whether `kept` is what a copy of `file` would be. A file that cannot be compared is another one.
fn same(file: &dyn DiskFile, kept: &dyn DiskFile, len: u64) -> bool {
    let (mut ours, mut theirs) = (vec![0; PIECE], vec![0; PIECE]);
    let mut at = 0;
    while let (Ok(a), Ok(b)) = (next(file, &mut ours, at, len), next(kept, &mut theirs, at, u64::MAX)) {
        match (a, b) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b => at += a.len() as u64,
            _ => return false,
        }
    }
    false
}

fn next<'b>(
    file: &dyn DiskFile,
    buffer: &'b mut [u8],
    at: u64,
    len: u64,
) -> std::io::Result<Option<&'b [u8]>> {
    let left = usize::try_from(len.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
    let got = read_full(file, buffer.get_mut(..left).unwrap_or_default(), at)?;
    Ok(buffer.get(..got).filter(|piece| !piece.is_empty()))
}
