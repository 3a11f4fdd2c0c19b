//! `cargo xtask setup`: the tools of other languages, installed where they are missing.
//!
//! The commands that need one call this by themselves. A tool that cannot be had is a failure everywhere:
//! a test that is skipped in silence is a test that nobody runs.

use crate::failure::{Failure, Result};
use crate::run::{self, Run};
use crate::{apt, project};
use std::path::PathBuf;

pub fn command(_: &[String]) -> Result {
    maven()?;
    swift()?;
    standard_library().map(drop)
}

/// A JDK and Maven, which fetches the Kotlin compiler and JUnit.
pub fn maven() -> Result {
    if !run::on_path("javac") {
        apt::install("a JDK, 17 or newer,", &["openjdk-17-jdk-headless"])?;
    }
    if !run::on_path("mvn") {
        apt::install("Maven", &["maven"])?;
    }
    Ok(())
}

/// Swift 6: the one on PATH, or Debian's in a folder of its own.
pub fn swift() -> Result {
    Run::new(project::root().join("scripts/setup-swift.sh")).go()
}

/// The source of Rust's standard library, to compile it for targets that have no compiled one here.
pub fn standard_library() -> Result<PathBuf> {
    let said = Run::new(project::root().join("scripts/rust-src.sh")).read()?;
    let folder = PathBuf::from(said.trim());
    if folder.is_dir() { Ok(folder) } else { Err(Failure::new("scripts/rust-src.sh found no source")) }
}
