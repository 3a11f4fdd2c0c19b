//! `cargo xtask setup`: installs missing tools for the other languages.
//!
//! Other commands install the tools that they need. A tool that cannot be installed is always a
//! failure: a silently skipped test would hide errors.

use crate::failure::{Failure, Result};
use crate::run::{self, Run};
use crate::{apt, fuzz, project};
use std::path::PathBuf;

pub fn command(_: &[String]) -> Result {
    all()
}

/// Installs whatever is missing.
pub fn all() -> Result {
    maven()?;
    fuzz::compiler()?;
    swift()?;
    standard_library().map(drop)
}

/// Installs a JDK and Maven, which downloads the Kotlin compiler and JUnit.
pub fn maven() -> Result {
    if !run::on_path("javac") {
        apt::install("a JDK, 17 or newer,", &["openjdk-17-jdk-headless"])?;
    }
    if !run::on_path("mvn") {
        apt::install("Maven", &["maven"])?;
    }
    Ok(())
}

/// Uses Swift 6 from PATH, or installs Debian's packages in a separate folder.
pub fn swift() -> Result {
    Run::new(project::root().join("scripts/setup-swift.sh")).execute()
}

/// The folder with the source of Rust's standard library, for builds that compile it.
pub fn standard_library() -> Result<PathBuf> {
    let output = Run::new(project::root().join("scripts/rust-src.sh")).stdout()?;
    let folder = PathBuf::from(output.trim());
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(Failure::new("scripts/rust-src.sh did not find the source of the standard library"))
    }
}
