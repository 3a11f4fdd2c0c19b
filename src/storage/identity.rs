//! The identity file: a token that distinguishes this installation from a copy of its data.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::atomic_write;
use super::io_error::{check_path, opening_failed, present, unavailable};
use super::private::{create_private_folder, sync_folder};
use crate::error::{Error, Result};

/// A random number, stored in the store and in the identity file.
pub(crate) type Token = [u8; 16];

/// The token in `file`; `None` if the file does not exist or holds anything but a token.
///
/// # Errors
/// `Unavailable` if the file cannot be read; as [`check_path`].
pub(crate) fn read(file: &Path) -> Result<Option<Token>> {
    check_path(file)?;
    let failed = |error| unavailable("read the identity file", &error);
    let Some(opened) = present(File::open(file)).map_err(failed)? else { return Ok(None) };
    let mut bytes = Vec::new();
    // One byte more than a token, to recognise a longer file.
    opened.take(size_of::<Token>() as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes.try_into().ok())
}

/// An identity file that is written and synced, but does not have its name yet.
pub(crate) struct Unfinished<'f> {
    file: &'f Path,
    folder: &'f Path,
    unfinished: PathBuf,
}

/// Writes a token beside `file`. If this succeeds, `file` can be created.
///
/// # Errors
/// `Unavailable` if the folder or the file cannot be written now, `Io` if `file` cannot be a file.
pub(crate) fn prepare(file: &Path, token: Token) -> Result<Unfinished<'_>> {
    let failed = failed("write the identity file", file);
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".tmp");
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    create_private_folder(folder).map_err(&failed)?;
    let unfinished = PathBuf::from(unfinished);
    atomic_write::prepare(&unfinished, &token).map_err(&failed)?;
    Ok(Unfinished { file, folder, unfinished })
}

impl Unfinished<'_> {
    /// Gives the file its name. It survives power loss when this returns.
    ///
    /// # Errors
    /// As [`prepare`].
    pub(crate) fn finish(self) -> Result<()> {
        let failed = failed("write the identity file", self.file);
        atomic_write::finish(self.file, &self.unfinished).map_err(&failed)?;
        sync_folder(self.folder).map_err(&failed)
    }
}

fn failed(action: &'static str, file: &Path) -> impl Fn(io::Error) -> Error {
    let path = file.to_owned();
    move |source| opening_failed(Error::Io { action, path: path.clone(), source })
}
