//! Files and folders that only the current user may access.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

#[cfg(feature = "storage-fs")]
use crate::report::report;

/// Options for writing a file; a file that is created with them is private to the user.
pub(super) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a folder and its missing parents, private to the user. The folder may exist. A folder
/// that was created survives power loss when this returns, if the app may read the folder above it.
#[cfg(feature = "storage-fs")]
pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    for parent in missing.iter().filter_map(|path| path.parent()) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        // An app may lack the right to read the folders above its own, so this is not an error.
        if let Err(error) = sync_folder(parent) {
            report!(debug, "could not sync the parent of a new folder: {error}");
        }
    }
    Ok(())
}

/// Syncs a folder: the file names in it survive power loss when this returns. Does nothing on
/// systems other than Unix, where a folder cannot be opened, and on file systems that cannot sync a
/// folder.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput) => Ok(()),
        synced => synced,
    }
}
