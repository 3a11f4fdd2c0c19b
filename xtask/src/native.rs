//! Builds the library as other languages load it.

use crate::failure::Result;
use crate::project::{self, SHIPPED};
use crate::run::Run;
use crate::{phone, setup};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build, with overflow checks: for bindings, and for `--debug` while working.
    Debug,
    /// What ships, made for this machine.
    Release,
}

/// The folder with the shared and the static library.
pub struct Native {
    pub folder: PathBuf,
}

impl Native {
    /// Both libraries come from one compilation: with link-time optimisation that is most of the time.
    pub fn build(profile: Profile) -> Result<Self> {
        const BOTH: &str = "cdylib,staticlib";
        let cargo = || Run::cargo("rustc").arg("--lib").args(SHIPPED).args(["--crate-type", BOTH]);
        if profile == Profile::Debug {
            cargo().go()?;
            return Ok(Self { folder: project::target().join("debug") });
        }
        if let Err(failure) = setup::standard_library() {
            // The tests can do without; what is built for phones, and its size, cannot, and fails by itself.
            println!("{failure}\ntaking the ready-made standard library instead");
            cargo().arg("--release").go()?;
            return Ok(Self { folder: project::target().join("release") });
        }
        let (target, output) = (phone::this_machine()?, project::target().join("shipped"));
        phone::rustc(&target, BOTH, &output)?.go()?;
        Ok(Self { folder: output.join(target).join("release") })
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

/// Writes a copy without symbols, as an app ships it.
pub fn strip(library: &Path, to: &Path) -> Result {
    let flag = if cfg!(target_os = "macos") { "-x" } else { "--strip-all" };
    Run::new("strip").arg(flag).arg("-o").arg(to).arg(library).read().map(drop)
}
