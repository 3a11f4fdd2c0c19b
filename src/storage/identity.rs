//! The token that tells this installation from a copy of its data.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::whole_file::{create, replace, sync_folder};
use crate::error::{Error, Result};

/// A token: a random number that is kept with the store and beside it.
pub(crate) type Token = [u8; 16];

/// The token that `file` holds; absent if there is no such file, or if it holds something else.
///
/// # Errors
/// `Unavailable` if that cannot be said now.
pub(crate) fn read(file: &Path) -> Result<Option<Token>> {
    let unavailable = |error| {
        Error::unavailable(format!(
            "the identity {} cannot be read: {error}; try again later",
            file.display()
        ))
    };
    let opened = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unavailable)?,
    };
    let mut bytes = Vec::new();
    // One more than a token has, so that a longer file is none.
    opened.take(17).read_to_end(&mut bytes).map_err(unavailable)?;
    Ok(bytes.try_into().ok())
}

/// Keeps a token in `file`, so that it survives a loss of power.
///
/// # Errors
/// `Io` with what hinders it.
pub(crate) fn write(file: &Path, token: Token) -> Result<()> {
    let failed = |source| Error::Io { action: "write the identity", path: file.to_owned(), source };
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".tmp");
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    create(folder).map_err(failed)?;
    replace(file, unfinished.as_ref(), &token).map_err(failed)?;
    sync_folder(folder).map_err(failed)
}
