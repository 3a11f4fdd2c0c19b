//! Files of stores, and damage to them.

use std::fs;
use std::path::{Path, PathBuf};

/// Copies the files of one folder into another that exists.
pub fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The log's file in its folder.
pub fn log_file(dir: &Path) -> PathBuf {
    dir.join("events.log")
}
