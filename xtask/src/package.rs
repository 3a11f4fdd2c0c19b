//! `cargo xtask package [maven] [swift] [--natives FOLDER] [--url ADDRESS]`: makes what an app adds.
//!
//! - target/package/maven: a Maven repository with the AAR, the JAR for JVMs, and the flows.
//! - target/package/swift/tiny-counter: the Swift package, with the XCFramework as a zip.
//!
//! Archives have the same bytes if their content is the same. What is missing for a release is
//! printed, and the version then ends with `-check`.

pub mod archive;
mod artefact;
mod artefacts;
pub mod emulator;
mod gradle;
mod maven;
pub mod natives;
mod pom;
mod stage;
mod swift;
pub mod test;

use crate::failure::{Failure, Result};
use crate::native::Profile;
use crate::project;
use std::path::PathBuf;

pub struct Options {
    /// The build of the library for this machine.
    profile: Profile,
    extent: Extent,
    /// The folder with the libraries of other machines.
    natives: Option<PathBuf>,
    /// The address below which a folder named like the version will hold the XCFramework.
    url: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    /// What can be tested on this machine, from what other tests have built already.
    Quick,
}

pub fn command(arguments: &[String]) -> Result {
    let mut options = Options { profile: Profile::Release, extent: Extent::Whole, natives: None, url: None };
    let mut parts = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value =
            || arguments.next().cloned().ok_or_else(|| Failure::new(format!("{argument} needs a value")));
        match argument.as_str() {
            "--natives" => options.natives = Some(value()?.into()),
            "--url" => options.url = Some(value()?),
            "maven" | "swift" => parts.push(argument.as_str()),
            _ => {
                return Err(Failure::new(format!(
                    "unknown argument `{argument}`; use maven, swift, --natives FOLDER, --url ADDRESS"
                )));
            }
        }
    }
    let wants = |part| parts.is_empty() || parts.contains(&part);
    let folder = project::target().join("package");
    if wants("maven") {
        maven::create(&folder.join("maven"), &options)?;
    }
    if wants("swift") {
        swift::create(&folder.join("swift/tiny-counter"), &options)?;
    }
    Ok(())
}

/// The version of a package that lacks something for a release.
fn version(missing: &[String]) -> Result<String> {
    let version = project::version()?;
    Ok(if missing.is_empty() { version } else { format!("{version}-check") })
}

fn explain(missing: &[String]) {
    if !missing.is_empty() {
        println!("Not for a release. This is missing:");
        missing.iter().for_each(|what| println!("- {what}."));
    }
}
