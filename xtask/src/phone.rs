//! How the library is compiled for phones: together with the standard library.
//!
//! The ready-made one brings code along that turns addresses into the names of functions. A stripped library has no
//! such names, so that on a phone it is 160 kB for nothing; without it, and with the rest compiled for size, what ships
//! is smaller by a quarter. And no ready-made one is needed for any target.

use crate::failure::{Failure, Result};
use crate::project::SHIPPED;
use crate::run::Run;
use crate::setup;
use std::path::Path;

/// A compilation of the library for a target, with its output below a folder.
pub fn rustc(target: &str, crate_type: &str, folder: &Path) -> Result<Run> {
    Ok(Run::cargo("rustc")
        .args(["--lib", "--release", "--crate-type", crate_type, "--target", target])
        .args(SHIPPED)
        .args(["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=panic-unwind,optimize_for_size"])
        // These two flags ask for a nightly compiler, or for this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", setup::standard_library()?)
        .env("CARGO_TARGET_DIR", folder))
}

/// The target that this machine is, for what can be tried out on it.
pub fn this_machine() -> Result<String> {
    let about = Run::new("rustc").arg("-vV").read()?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("rustc does not name its host"))
}
