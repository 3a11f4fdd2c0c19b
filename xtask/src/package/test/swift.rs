//! A Swift package in an empty folder, with the packaged folder as its only dependency.

use crate::failure::{Failure, Result};
use crate::package::stage::{copy, copy_all};
use crate::tally::Tally;
use crate::{project, swift};
use std::path::{Path, PathBuf};

/// Whether SwiftPM tells somebody who depends on a checkout what to do instead.
pub fn checkout() -> Result {
    let folder = project::root().join(".build/checkout");
    project::empty_folder(&folder)?;
    copy(&project::root().join("Package.swift"), &folder.join("Package.swift"))?;
    let output = swift::command(&["swift", "package", "describe"])?.in_folder(&folder).capture()?;
    if !output.success && output.text.contains(ADVICE) {
        return Ok(());
    }
    Err(Failure::new(format!("SwiftPM did not say `{ADVICE}`")))
}

const ADVICE: &str = "`cargo xtask package swift`";

/// Where the package is used: where Swift runs, only the project may be visible, and Cargo's output
/// folder can be elsewhere.
pub fn folder() -> PathBuf {
    project::root().join(".build/packages")
}

/// Runs the tests of the package.
pub fn consumer(package: &Path) -> Result<Tally> {
    let folder = folder();
    project::empty_folder(&folder)?;
    copy_all(package, &folder.join("tiny-counter"))?;
    let app = folder.join("app");
    copy_all(&project::root().join("tests/packages/swift"), &app)?;
    Tally::of(&swift::command(&["swift", "test"])?.in_folder(&app).capture()?, Tally::swift)
}
