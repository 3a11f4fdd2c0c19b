//! A storage with one file per event.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::atomic_write::replace;
use super::file_name::{is_continued, name_of, path_of};
use super::private::{create_private_folder, sync_folder};
use super::{Storage, is_too_long};
use crate::bounds::{MAX_EXTENSION_BYTES, MAX_STORED_VALUE_BYTES};
use crate::error::{Error, Result};

/// Keeps each event in a file of its own, which contains exactly the bytes of the formatter.
///
/// - **File names:** the name of the file encodes the name of the event, differently for each event
///   on every file system. The content does not contain the name: if you rename a file, its counts
///   belong to the event of the new name. Other files in the folder are ignored.
/// - **Long names:** capital letters, most punctuation and characters outside ASCII take three
///   bytes each in the path. On systems that limit a path to 1,024 bytes, such as Apple's, saving
///   an event whose name has more than about 250 bytes can fail with `Io`. [`Log`](super::Log) has
///   no such limit.
/// - **Atomicity:** a file is replaced atomically, also in case of power loss. Several events are
///   saved one after the other: a kill during a persist can leave some of them saved and others
///   not.
/// - **Size:** a file may have at most 64 MiB; a larger one is reported as `Corrupt`.
/// - **Access:** on Unix, the folder and the files it creates are private to the user.
///
/// Only one store may use a folder at a time. This is not checked.
#[derive(Debug)]
pub struct FilePerEvent {
    folder: PathBuf,
    extension: String,
    /// Folders whose latest changes power loss could undo.
    unsynced: BTreeSet<PathBuf>,
}

/// The additional extension of a file during a write.
const UNFINISHED: &str = "tmp";

impl FilePerEvent {
    /// Opens the storage in `directory`, which is created if it is missing. Files that an
    /// interrupted write left are removed.
    ///
    /// `extension` is the extension of the files, with or without the dot, for example `"bin"`: 1
    /// to 16 ASCII letters, digits, `-` or `_`, and not `tmp`. Files with another extension are
    /// ignored.
    ///
    /// # Errors
    /// `InvalidArgument` for an invalid extension, `Io` if the folder cannot be read or created.
    pub fn new(directory: impl AsRef<Path>, extension: impl Into<String>) -> Result<Self> {
        let (folder, extension) = (directory.as_ref().to_owned(), extension.into());
        let extension = extension.strip_prefix('.').unwrap_or(&extension).to_owned();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if extension.is_empty()
            || extension.len() > MAX_EXTENSION_BYTES
            || !extension.bytes().all(is_allowed)
            || extension == UNFINISHED
        {
            return Err(Error::InvalidArgument(format!(
                "the extension must have 1 to {MAX_EXTENSION_BYTES} ASCII letters, digits, - or _, and must not be \
                 tmp; use bin or json, for example"
            )));
        }
        create_private_folder(&folder).map_err(failed("create the folder", &folder))?;
        let storage = FilePerEvent { folder, extension, unsynced: BTreeSet::new() };
        for (path, _) in storage.files(UNFINISHED)? {
            fs::remove_file(&path).map_err(failed("remove an unfinished file", &path))?;
        }
        Ok(storage)
    }

    fn file(&self, key: &str) -> PathBuf {
        with_extension(&self.folder.join(path_of(key)), &self.extension)
    }

    /// The files of events that end with `extension`, with the names of the events. The storage's
    /// own extension may precede it, as in `e-name.bin.tmp`.
    fn files(&self, extension: &str) -> Result<Vec<(PathBuf, String)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(failed("list the folder", &folder))? {
                let path = entry.map_err(failed("list the folder", &folder))?.path();
                let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if is_continued(file) && path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let stem = file.strip_suffix(extension).and_then(|stem| stem.strip_suffix('.'));
                let stem =
                    stem.map(|stem| stem.strip_suffix(&format!(".{}", self.extension)).unwrap_or(stem));
                let below = folder.strip_prefix(&self.folder).unwrap_or(&folder);
                if let Some(name) = stem.and_then(|stem| name_of(&below.join(stem))) {
                    found.push((path, name));
                }
            }
        }
        Ok(found)
    }

    /// Remembers that the folder of `file` must be synced.
    fn mark_unsynced(&mut self, file: &Path) {
        if let Some(folder) = file.parent() {
            self.unsynced.insert(folder.to_owned());
        }
    }
}

impl Storage for FilePerEvent {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        let file = self.file(key);
        let unfinished = with_extension(&file, UNFINISHED);
        if let Some(folder) = file.parent() {
            create_private_folder(folder).map_err(failed("create the folder", folder))?;
        }
        replace(&file, &unfinished, &data).map_err(failed("write the file of an event", &file))?;
        self.mark_unsynced(&file);
        Ok(())
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let file = self.file(key);
        let opened = match File::open(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed("read the file of an event", &file))?,
        };
        let mut bytes = Vec::new();
        opened
            .take(u64::from(MAX_STORED_VALUE_BYTES) + 1)
            .read_to_end(&mut bytes)
            .map_err(failed("read the file of an event", &file))?;
        if is_too_long(&bytes) {
            return Err(Error::corrupt(format!(
                "the file of an event has more than {MAX_STORED_VALUE_BYTES} bytes; remove the file"
            )));
        }
        Ok(Some(bytes))
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        let file = self.file(key);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed("remove the file of an event", &file)(error))
            }
            _ => {
                self.mark_unsynced(&file);
                Ok(())
            }
        }
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        Ok(self.files(&self.extension)?.into_iter().map(|(_, name)| name).collect())
    }

    fn sync(&mut self) -> Result<()> {
        while let Some(folder) = self.unsynced.first() {
            sync_folder(folder).map_err(failed("sync the folder", folder))?;
            self.unsynced.pop_first();
        }
        Ok(())
    }
}

fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    path.into()
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}
