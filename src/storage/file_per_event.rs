//! A storage with one file per event.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::atomic_write::replace;
use super::file_name::{is_continued, name_of, path_of};
use super::folder_lock::FolderLock;
use super::io_error::{check_path, failed};
use super::private::{create_private_folder, sync_folder};
use super::{Storage, is_too_long, key};
use crate::bounds::{MAX_EXTENSION_BYTES, MAX_STORED_VALUE_BYTES};
use crate::error::{Error, Result};

/// Keeps each event in a file of its own. The file contains the bytes of the formatter, with a
/// checksum. What other devices counted of an event is in a second file. A few more files hold the
/// records of the store.
///
/// - **File names:** the name of the file encodes the name of the event, differently for each event
///   on every file system. The checksum includes the name of the event: if you rename a file, the
///   event of the new name is damaged, and the event of the old name is reported as lost. The
///   name of the second file of an event begins with `e-%7eothers-`. The names of the store's own
///   files begin with `e-%7e` too. Other files in the folder are ignored.
/// - **Long names:** capital letters, most punctuation and characters outside ASCII take three
///   bytes each in the path. On systems that limit a path to 1,024 bytes, such as Apple's, saving
///   an event whose name has more than about 250 bytes can fail with `Io`. [`Log`](super::Log) has
///   no such limit.
/// - **Atomicity:** a file is replaced atomically, also in case of power loss. Several events are
///   saved one after the other: a kill during a persist can leave some of them saved and others
///   not.
/// - **Size:** a file may have at most 64 MiB; a larger one is reported as `Corrupt`.
/// - **Access:** on Unix, the folder and the files it creates are private to the user.
/// - **One storage at a time:** the storage locks the file `store.EXTENSION.lock` in the folder
///   until it is dropped. While it does, [`new`](FilePerEvent::new) fails with `Unavailable` for
///   the same folder and extension, under any path and in any process. A closed store has dropped
///   its storage. To read the events of a store that stays open, for example to migrate them, use
///   [`read_only`](FilePerEvent::read_only).
/// - **Systems without file locks**, such as Android if the app is built with Rust before 1.98:
///   another process is not noticed.
/// - **iOS** ends a suspended app that holds a file lock in a folder of an app group. Use another
///   folder, or [`Log`](super::Log).
/// - **Folders that are moved, removed or replaced** while the storage is open: every later write
///   fails with `Unavailable`, and so does reading an event whose file is missing.
#[derive(Debug)]
pub struct FilePerEvent {
    /// The canonical path.
    folder: PathBuf,
    extension: String,
    /// Absent if the storage only reads.
    lock: Option<FolderLock>,
    /// Whether the lock file notes that the folder has a store record. If the record is missing
    /// then, the folder was emptied, and does not pass for a new store.
    is_noted: bool,
    /// Folders whose latest changes power loss could undo.
    unsynced: BTreeSet<PathBuf>,
}

/// The path of a file, and the key that it belongs to.
type FoundFile = (PathBuf, String);

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
    /// - `InvalidArgument` for an invalid extension.
    /// - `Unavailable` if another `FilePerEvent` has the folder open for writing.
    /// - `Io` or `Unavailable` if the folder cannot be created, read or written; `Unavailable` if
    ///   trying again can help.
    pub fn new(directory: impl AsRef<Path>, extension: impl Into<String>) -> Result<Self> {
        let directory = directory.as_ref();
        check_path(directory)?;
        let extension = checked(extension.into())?;
        create_private_folder(directory).map_err(failed("create the folder", directory))?;
        let mut storage = FilePerEvent::read_only(directory, extension)?;
        let lock = FolderLock::acquire(storage.lock_file())?;
        // Extensions that differ only in case share the lock file.
        storage.is_noted = lock.note()? == storage.extension;
        storage.lock = Some(lock);
        let (unfinished, folders) = storage.files(UNFINISHED)?;
        for (path, _) in unfinished {
            fs::remove_file(&path).map_err(failed("remove an unfinished file", &path))?;
        }
        // A killed process may have left the folder of a long name empty. It fails for others.
        folders.iter().rev().for_each(|folder| _ = fs::remove_dir(folder));
        Ok(storage)
    }

    /// Opens the storage in an existing `directory` for reading only. It takes no lock and changes
    /// nothing, so it can be used while a store has the folder open. Saving and deleting fail.
    ///
    /// ```
    /// use tiny_counter::{EventStore, storage::FilePerEvent};
    /// # #[cfg(feature = "serde-bincode")] {
    /// use tiny_counter::formatter::BincodeFormat;
    ///
    /// # let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    /// let files = FilePerEvent::new(&old, "bin").unwrap();
    /// let builder = EventStore::builder().with_storage(files).with_format(BincodeFormat);
    /// let old_store = builder.build().unwrap();
    /// old_store.record("app_launch");
    /// old_store.persist().unwrap();
    ///
    /// let store = EventStore::builder().with_log(new.path()).build().unwrap();
    /// store.migrate(&FilePerEvent::read_only(&old, "bin").unwrap(), &BincodeFormat).unwrap();
    /// assert_eq!(store.query("app_launch").ever().sum(), Some(1));
    /// # }
    /// ```
    ///
    /// # Errors
    /// - `InvalidArgument` for an invalid extension, as for [`new`](FilePerEvent::new).
    /// - `Io` or `Unavailable` if the folder does not exist or cannot be read; `Unavailable` if
    ///   trying again can help.
    pub fn read_only(directory: impl AsRef<Path>, extension: impl Into<String>) -> Result<Self> {
        let directory = directory.as_ref();
        let extension = checked(extension.into())?;
        let folder = directory.canonicalize().map_err(failed("find the folder", directory))?;
        fs::read_dir(&folder).map_err(failed("list the folder", &folder))?;
        Ok(FilePerEvent { folder, extension, lock: None, is_noted: false, unsynced: BTreeSet::new() })
    }

    /// The lock file. Its name does not begin like that of an event's file. It is in lower case,
    /// because some file systems do not distinguish `bin` and `BIN`.
    fn lock_file(&self) -> PathBuf {
        self.folder.join(format!("store.{}.lock", self.extension.to_ascii_lowercase()))
    }

    /// Checks that this storage still has the right to write.
    fn check_writable(&self) -> Result<()> {
        let lock = self.lock.as_ref().ok_or_else(|| {
            Error::Storage("the storage was opened for reading only; open it with FilePerEvent::new".into())
        })?;
        lock.check()
    }

    /// Checks that a file that was not found is really missing, in a folder that is still there.
    fn check_missing(&self, file: &Path) -> Result<()> {
        match &self.lock {
            Some(lock) => lock.check()?,
            None => _ = fs::metadata(&self.folder).map_err(failed("find the folder", &self.folder))?,
        }
        match fs::symlink_metadata(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed("read the file of an event", file)(error)),
            Ok(_) => Err(Error::unavailable(
                "the file of an event is a link to a file that does not exist; restore that file or remove the link",
            )),
        }
    }

    fn note(&mut self, has_store_record: bool) -> Result<()> {
        if let Some(lock) = self.lock.as_ref().filter(|_| self.is_noted != has_store_record) {
            lock.set_note(if has_store_record { &self.extension } else { "" })?;
            self.is_noted = has_store_record;
        }
        Ok(())
    }

    fn file(&self, key: &str) -> PathBuf {
        with_extension(&self.folder.join(path_of(key)), &self.extension)
    }

    /// The files of events that end with `extension`, with the names of the events. The storage's
    /// own extension may precede it, as in `e-name.bin.tmp`. Also returns the folders of long
    /// names, each after the one that it is in.
    fn files(&self, extension: &str) -> Result<(Vec<FoundFile>, Vec<PathBuf>)> {
        let (mut found, mut continued) = (Vec::new(), Vec::new());
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(failed("list the folder", &folder))? {
                let path = entry.map_err(failed("list the folder", &folder))?.path();
                let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if is_continued(file) && is_folder(&path)? {
                    continued.push(path.clone());
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
        Ok((found, continued))
    }

    /// Removes the folders of a long name that hold no other file. Their names are parts of it.
    fn remove_empty_folders(&mut self, file: &Path) {
        let folders = file.ancestors().skip(1).take_while(|folder| **folder != self.folder);
        for folder in folders {
            // It fails for a folder with files. One that is missing need not be synced either.
            match fs::remove_dir(folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => break,
                _ => _ = self.unsynced.remove(folder),
            }
        }
    }

    /// Remembers that the folder of `file` must be synced, and those above it, which may be new.
    fn mark_unsynced(&mut self, file: &Path) {
        let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.folder));
        self.unsynced.extend(folders.map(Path::to_owned));
    }
}

impl Storage for FilePerEvent {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.check_writable()?;
        if is_too_long(&data) {
            return Err(Error::Storage(format!(
                "an event may take at most {MAX_STORED_VALUE_BYTES} bytes in a file; erase the event"
            )));
        }
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
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.check_missing(&file)?;
                if self.is_noted && key::record(key) == Some(key::STORE) {
                    return Err(Error::corrupt("the files of the store are missing; restore a backup"));
                }
                return Ok(None);
            }
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
        self.check_writable()?;
        let file = self.file(key);
        if key::record(key) == Some(key::STORE) {
            self.note(false)?;
        }
        // An earlier write may have failed to remove its unfinished file.
        for file in [with_extension(&file, UNFINISHED), file.clone()] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed("remove the file of an event", &file)(error));
                }
                _ => {}
            }
        }
        self.mark_unsynced(&file);
        self.remove_empty_folders(&file);
        Ok(())
    }

    /// The folder is locked, so no other storage writes to it.
    fn is_exclusive(&self) -> bool {
        true
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        if let Some(lock) = &self.lock {
            lock.check()?;
        }
        Ok(self.files(&self.extension)?.0.into_iter().map(|(_, name)| name).collect())
    }

    fn sync(&mut self) -> Result<()> {
        while let Some(folder) = self.unsynced.first() {
            sync_folder(folder).map_err(failed("sync the folder", folder))?;
            self.unsynced.pop_first();
        }
        // Only now, so that the note never survives a power loss that the store record does not.
        if !self.is_noted && self.file(&key::reserved(key::STORE)).exists() {
            self.note(true)?;
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

/// The extension without a leading dot.
fn checked(extension: String) -> Result<String> {
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
    Ok(extension)
}

/// Whether the path of a listed entry is a folder.
fn is_folder(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("inspect a folder", path)(error)),
    }
}
