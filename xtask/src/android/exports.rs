//! What a library for Android exports: the functions that a JVM calls by their names, and nothing else.
//! Whatever only other exports need is left out. That makes the library about 100 kB smaller.

use crate::failure::{Failure, Result, WithPath};
use crate::project;
use crate::run::Run;
use std::path::{Path, PathBuf};

const LIST: &str = "{ global: Java_*; local: *; };\n";

/// A part of the names of what UniFFI exports for its generator.
const UNWANTED: &[u8] = b"UNIFFI_META";

/// The linker that rustc calls. It passes on to the linker that [`with`] names.
pub fn linker() -> Result<PathBuf> {
    let linker = folder().join("linker");
    write(&linker, include_str!("linker.sh"))?;
    Run::new("chmod").arg("+x").arg(&linker).stdout()?;
    Ok(linker)
}

pub fn with(linker: &Path, run: Run) -> Result<Run> {
    let list = folder().join("exports");
    write(&list, LIST)?;
    Ok(run.env("TINY_COUNTER_LINKER", linker).env("TINY_COUNTER_EXPORTS", list))
}

/// # Errors
/// If the library exports something else.
pub fn check(library: &Path) -> Result {
    let bytes = std::fs::read(library).with_path(library)?;
    if bytes.windows(UNWANTED.len()).any(|part| part == UNWANTED) {
        return Err(Failure::new(format!("{} exports functions that no app calls", library.display())));
    }
    Ok(())
}

fn folder() -> PathBuf {
    project::target().join("android/link")
}

fn write(file: &Path, text: &str) -> Result {
    std::fs::create_dir_all(folder()).with_path(&folder())?;
    std::fs::write(file, text).with_path(file)
}
