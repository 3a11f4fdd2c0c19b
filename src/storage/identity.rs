//! The identity file: a token that distinguishes this installation from a copy of its data.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::atomic_write::replace;
use super::private::{create_private_folder, sync_folder};
use crate::error::{Error, Result};

/// A random number, stored in the store and in the identity file.
pub(crate) type Token = [u8; 16];

/// The token in `file`; `None` if the file does not exist or holds anything but a token.
///
/// # Errors
/// `Unavailable` if the file cannot be read now.
pub(crate) fn read(file: &Path) -> Result<Option<Token>> {
    let unavailable = |error| {
        Error::unavailable(format!(
            "could not read the identity file {}: {error}; try again later",
            file.display()
        ))
    };
    let opened = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unavailable)?,
    };
    let mut bytes = Vec::new();
    // One byte more than a token, to recognise a longer file.
    opened.take(size_of::<Token>() as u64 + 1).read_to_end(&mut bytes).map_err(unavailable)?;
    Ok(bytes.try_into().ok())
}

/// Writes a token to `file`. It survives power loss when this returns.
///
/// # Errors
/// `Io` if the folder or the file cannot be written.
pub(crate) fn write(file: &Path, token: Token) -> Result<()> {
    let failed = |source| Error::Io { action: "write the identity file", path: file.to_owned(), source };
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".tmp");
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    create_private_folder(folder).map_err(failed)?;
    replace(file, unfinished.as_ref(), &token).map_err(failed)?;
    sync_folder(folder).map_err(failed)
}
