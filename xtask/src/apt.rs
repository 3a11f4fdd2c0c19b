//! Installs Debian packages that a command needs.

use crate::failure::{Failure, Result};
use crate::run::{self, Run};

/// Installs packages on a Debian machine where we are root; elsewhere says what to install.
pub fn install(what: &str, packages: &[&str]) -> Result {
    let missing =
        || Failure::new(format!("{what} is missing; install it (Debian's packages: {})", packages.join(" ")));
    if !run::on_path("apt-get") || Run::new("id").arg("-u").read()?.trim() != "0" {
        return Err(missing());
    }
    let apt = || Run::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
    apt().arg("update").go()?;
    apt().args(["install", "--yes", "--no-install-recommends"]).args(packages).go()
}
