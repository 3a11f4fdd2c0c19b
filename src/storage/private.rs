//! Files and folders that only the current user may access.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Options for writing a file; a file that is created with them is private to the user.
pub(super) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a folder and its missing parents, private to the user. The folder may exist.
#[cfg(feature = "storage-fs")]
pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Syncs a folder: the file names in it survive power loss when this returns. Does nothing on
/// systems other than Unix, where a folder cannot be opened.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
