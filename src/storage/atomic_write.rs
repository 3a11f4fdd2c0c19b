//! Replaces a file atomically, also in case of power loss.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::private::private_file;

/// Replaces the content of `file` by `bytes`. They are first written to `unfinished`, a file in the
/// same folder.
pub(super) fn replace(file: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    prepare(unfinished, bytes)?;
    finish(file, unfinished)
}

/// Writes and syncs `unfinished`.
pub(super) fn prepare(unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    // Synced before the rename: otherwise power loss could leave the new name with the old content
    // gone and the new content missing.
    let written = private_file().create(true).truncate(true).open(unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    remove_if_failed(unfinished, written)
}

/// Gives the unfinished file the name of `file`.
pub(super) fn finish(file: &Path, unfinished: &Path) -> io::Result<()> {
    remove_if_failed(unfinished, fs::rename(unfinished, file))
}

fn remove_if_failed(unfinished: &Path, done: io::Result<()>) -> io::Result<()> {
    if done.is_err() {
        // A failure is harmless: the unfinished file is ignored, and removed at the next opening.
        let _ = fs::remove_file(unfinished);
    }
    done
}
