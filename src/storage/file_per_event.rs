//! One file an event.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::file_name::{goes_on, name_of, path_of};
use super::whole_file::{create, replace, sync_folder};
use super::{MOST_BYTES, Storage, is_too_long};
use crate::error::{Error, Result};

/// Keeps each event in a file of its own, which holds what the formatter gave and nothing else. Other files in the folder are left alone.
///
/// The name stands in the file's name alone: files that changed places are taken for each other.
///
/// Every name has a file of its own on every file system. Where a path may have no more than 1,024 bytes, as on Apple's systems, names of more
/// than about 250 bytes may not fit (capitals and what is not ASCII take three each): saving them is an `Io` error there. A log has no such bound.
///
/// A file is replaced whole or not at all, also by a loss of power. Several events are saved one after the other: a kill in between
/// keeps the first of them.
///
/// A file counts for the event that it is named after, whatever was in it before it was renamed. Any name has a file of its own, on every file
/// system; capitals and what is not ASCII take three bytes each of its path, of which macOS allows 1,024 in all.
#[derive(Debug)]
pub struct FilePerEvent {
    folder: PathBuf,
    extension: String,
    /// Folders with changes that a loss of power could undo.
    unsynced: Vec<PathBuf>,
}

/// What a file is called while it is written.
const UNFINISHED: &str = "tmp";

impl FilePerEvent {
    /// Files with this extension, with or without its dot, in `directory`, which is made if there is none. Unfinished files are removed.
    ///
    /// # Errors
    /// `InvalidArgument` for an extension that is empty or no plain word, `Io` if the folder can be neither read nor made.
    pub fn new(directory: impl AsRef<Path>, extension: impl Into<String>) -> Result<Self> {
        let (folder, extension) = (directory.as_ref().to_owned(), extension.into());
        let extension = extension.strip_prefix('.').unwrap_or(&extension).to_owned();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if extension.is_empty()
            || extension.len() > 16
            || !extension.bytes().all(plain)
            || extension == UNFINISHED
        {
            return Err(Error::InvalidArgument(
                "the extension must be 1 to 16 letters or digits, and not tmp; try json or bin".into(),
            ));
        }
        create(&folder).map_err(failed("make the folder", &folder))?;
        let storage = FilePerEvent { folder, extension, unsynced: Vec::new() };
        for (path, _) in storage.files(UNFINISHED)? {
            fs::remove_file(&path).map_err(failed("remove an unfinished file", &path))?;
        }
        Ok(storage)
    }

    fn file(&self, key: &str) -> PathBuf {
        with_extension(&self.folder.join(path_of(key)), &self.extension)
    }

    /// The files of events with an extension behind theirs or in its place, and the events' names.
    fn files(&self, extension: &str) -> Result<Vec<(PathBuf, String)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(failed("list the folder", &folder))? {
                let path = entry.map_err(failed("list the folder", &folder))?.path();
                let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if goes_on(file) && path.is_dir() {
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

    fn note(&mut self, file: &Path) {
        if let Some(folder) =
            file.parent().filter(|folder| !self.unsynced.iter().any(|known| known == folder))
        {
            self.unsynced.push(folder.to_owned());
        }
    }
}

impl Storage for FilePerEvent {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        let file = self.file(key);
        let unfinished = with_extension(&file, UNFINISHED);
        if let Some(folder) = file.parent() {
            create(folder).map_err(failed("make the folder", folder))?;
        }
        replace(&file, &unfinished, &data).map_err(failed("save an event", &file))?;
        self.note(&file);
        Ok(())
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let file = self.file(key);
        let opened = match File::open(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed("read an event", &file))?,
        };
        let mut bytes = Vec::new();
        opened
            .take(u64::from(MOST_BYTES) + 1)
            .read_to_end(&mut bytes)
            .map_err(failed("read an event", &file))?;
        if is_too_long(&bytes) {
            return Err(Error::corrupt(format!(
                "an event's file has more than {MOST_BYTES} bytes; remove it"
            )));
        }
        Ok(Some(bytes))
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        let file = self.file(key);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("delete an event", &file)(error)),
            _ => {
                self.note(&file);
                Ok(())
            }
        }
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        Ok(self.files(&self.extension)?.into_iter().map(|(_, name)| name).collect())
    }

    fn sync(&mut self) -> Result<()> {
        while let Some(folder) = self.unsynced.last() {
            sync_folder(folder).map_err(failed("sync the folder", folder))?;
            self.unsynced.pop();
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
