//! The libraries that the JVM artefact holds: that of this machine, and those that other machines
//! built with `cargo xtask native`.

use super::Options;
use crate::failure::{Failure, Result, WithPath};
use crate::native::{self, Profile};
use crate::{phone, project};
use std::path::{Path, PathBuf};

/// The machines that a release serves, as `Library.kt` names them.
const PLATFORMS: [&str; 4] = ["linux-aarch64", "linux-x86_64", "macos-aarch64", "macos-x86_64"];

/// Where `Library.kt` looks for the library of a machine.
const RESOURCES: &str = "dev/tinycounter/native";

pub struct Native {
    platform: String,
    /// Its path in the JAR.
    pub resource: PathBuf,
    pub library: PathBuf,
}

/// `cargo xtask native`: builds the library of this machine for the JVM artefact.
pub fn command(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return Err(Failure::new("`native` takes no arguments"));
    }
    own(Profile::Release).map(|native| println!("{}", native.library.display()))
}

/// The libraries, sorted by the name of their machine.
pub fn all(options: &Options) -> Result<Vec<Native>> {
    let mut natives = vec![own(options.profile)?];
    if let Some(folder) = &options.natives {
        for file in project::files(folder)? {
            let native = of(&file, folder.join(&file))?;
            if natives.iter().all(|known| known.platform != native.platform) {
                natives.push(native);
            }
        }
    }
    natives.sort_by(|one, other| one.platform.cmp(&other.platform));
    Ok(natives)
}

/// What is missing for a release.
pub fn missing(natives: &[Native]) -> Vec<String> {
    let has = |platform: &&str| natives.iter().any(|native| native.platform == *platform);
    let missing = PLATFORMS.iter().filter(|platform| !has(platform));
    missing
        .map(|platform| {
            format!(
                "tiny-counter-jvm: the library of {platform}. Run `cargo xtask native` there, copy its folder \
                 target/package-natives to this machine, and name the copy with --natives"
            )
        })
        .collect()
}

/// Builds the library of this machine, below target/package-natives.
fn own(profile: Profile) -> Result<Native> {
    let built = native::Native::build(profile)?.shared();
    let name = built.file_name().unwrap_or_default();
    let file = Path::new(&platform()?).join(name);
    let library = project::target().join("package-natives").join(&file);
    if let Some(folder) = library.parent() {
        std::fs::create_dir_all(folder).with_path(folder)?;
    }
    native::strip(&built, &library)?;
    of(&file, library)
}

/// A library in a folder that is named like its machine.
fn of(file: &Path, library: PathBuf) -> Result<Native> {
    let platform = file.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    if PLATFORMS.contains(&platform.as_str()) {
        return Ok(Native { platform, resource: Path::new(RESOURCES).join(file), library });
    }
    Err(Failure::new(format!(
        "{}: the folder of a library must be named like its machine, one of {}",
        library.display(),
        PLATFORMS.join(", ")
    )))
}

/// This machine.
fn platform() -> Result<String> {
    let triple = phone::host_triple()?;
    let processor = triple.split('-').next().unwrap_or_default();
    Ok(format!("{}-{processor}", if triple.contains("apple") { "macos" } else { "linux" }))
}
