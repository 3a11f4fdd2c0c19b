//! Builds the library for this machine, as Kotlin and Swift load it.

use crate::failure::Result;
use crate::project;
use crate::run::Run;
use crate::{phone, setup};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Fast to build, with overflow checks: for generating the bindings, and for `--debug`.
    Debug,
    /// Built as for a release.
    Release,
}

/// The built libraries: a shared and a static one in the same folder.
pub struct Native {
    pub folder: PathBuf,
}

const CRATE_TYPES: &str = "cdylib,staticlib";

impl Native {
    /// Builds both libraries in one compilation, because link-time optimisation takes most of the
    /// time.
    pub fn build(profile: Profile) -> Result<Self> {
        if profile == Profile::Debug {
            return Self::debug(project::phone_features());
        }
        if let Err(failure) = setup::standard_library() {
            // The tests work without the source of the standard library. The phone builds need it
            // and report the failure themselves.
            println!("{failure}\nusing the precompiled standard library instead");
            cargo(project::phone_features()).arg("--release").execute()?;
            return Ok(Self { folder: project::target().join("release") });
        }
        let (target, output) = (phone::host_triple()?, project::target().join("shipped"));
        phone::rustc(&target, CRATE_TYPES, &output, "")?.execute()?;
        Ok(Self { folder: output.join(target).join("release") })
    }

    /// A debug build with these features.
    pub fn debug(features: [String; 3]) -> Result<Self> {
        cargo(features).execute()?;
        Ok(Self { folder: project::target().join("debug") })
    }

    pub fn shared(&self) -> PathBuf {
        self.folder.join(if cfg!(target_os = "macos") {
            "libtiny_counter.dylib"
        } else {
            "libtiny_counter.so"
        })
    }

    pub fn archive(&self) -> PathBuf {
        self.folder.join("libtiny_counter.a")
    }
}

fn cargo(features: [String; 3]) -> Run {
    Run::cargo("rustc").arg("--lib").args(features).args(["--crate-type", CRATE_TYPES])
}

/// Writes a copy without symbols, as an app contains it.
pub fn strip(library: &Path, to: &Path) -> Result {
    let flag = if cfg!(target_os = "macos") { "-x" } else { "--strip-all" };
    Run::new("strip").arg(flag).arg("-o").arg(to).arg(library).stdout().map(drop)
}
