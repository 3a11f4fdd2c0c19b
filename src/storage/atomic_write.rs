//! Files that are replaced whole or not at all, also by a loss of power.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Puts `bytes` in the place of what `file` held. They are written to `unfinished` first, a file beside it.
pub(super) fn replace(file: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    // On the disk before it takes the place of what is there: otherwise a loss of power could leave neither.
    let written = for_the_user_alone(unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(unfinished, file));
    if done.is_err() {
        // It means nothing, and is looked for again at the next start.
        let _ = fs::remove_file(unfinished);
    }
    done
}

fn for_the_user_alone(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// Makes a folder for the user alone.
pub(super) fn create(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and a rename is as lasting as the system makes it.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
