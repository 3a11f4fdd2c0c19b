//! Installs Debian packages.

use crate::failure::{Failure, Result};
use crate::run::{self, Run};

/// Installs packages if the machine has apt-get and the user is root. Otherwise fails with a
/// message that names the packages.
pub fn install(what: &str, packages: &[&str]) -> Result {
    let missing =
        || Failure::new(format!("{what} is missing; install it (Debian packages: {})", packages.join(" ")));
    if !run::on_path("apt-get") || Run::new("id").arg("-u").stdout()?.trim() != "0" {
        return Err(missing());
    }
    let apt = || Run::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
    apt().arg("update").execute()?;
    apt().args(["install", "--yes", "--no-install-recommends"]).args(packages).execute()
}
