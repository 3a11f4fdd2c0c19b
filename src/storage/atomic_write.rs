//! Replaces a file atomically, also in case of power loss.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::private::private_file;

/// Replaces the content of `file` by `bytes`. They are first written to `unfinished`, a file in the
/// same folder.
pub(super) fn replace(file: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    // Synced before the rename: otherwise power loss could leave the new name with the old content
    // gone and the new content missing.
    let written = private_file().create(true).truncate(true).open(unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(unfinished, file));
    if done.is_err() {
        // A failure is harmless: the unfinished file is ignored, and removed at the next opening.
        let _ = fs::remove_file(unfinished);
    }
    done
}
