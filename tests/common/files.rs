//! Files of stores, and damage to them.

use std::fs;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Copies the files of one folder into another that exists.
pub fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Whether the name of a file below `dir`, or its content, holds `text`.
pub fn files_hold(dir: &Path, text: &str) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        name.contains(text)
            || match path.is_dir() {
                true => files_hold(&path, text),
                false => holds(&fs::read(&path).unwrap(), text),
            }
    })
}

/// Whether `bytes` hold `text`.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|found| found == text.as_bytes())
}

/// The log's file in its folder.
pub fn log_file(dir: &Path) -> PathBuf {
    dir.join("events.log")
}

/// Damages every value that the log in `dir` holds of an event. A store that has the log open does
/// not notice until it reads the event.
pub fn damage_event(dir: &Path, name: &str) {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(log_file(dir)).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    let found = bytes.windows(name.len()).enumerate().filter(|(_, found)| *found == name.as_bytes());
    let found: Vec<usize> = found.map(|(at, _)| at).collect();
    assert!(!found.is_empty(), "{name} does not stand in the log");
    for at in found {
        // The value follows the name and a checksum of 4 bytes.
        bytes[at + name.len() + 4 + 5] ^= 1;
    }
    file.rewind().unwrap();
    file.write_all(&bytes).unwrap();
}
