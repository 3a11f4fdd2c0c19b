//! `cargo xtask deny`: checks the licences, bans and sources of all dependencies against deny.toml.
//!
//! Not part of `test`, because installing cargo-deny takes minutes. `cargo xtask deny advisories`
//! checks security advisories; it downloads their database.

use crate::failure::Result;
use crate::run::{self, Run};

pub fn command(arguments: &[String]) -> Result {
    if !run::on_path("cargo-deny") {
        Run::new("cargo").args(["install", "cargo-deny", "--locked"]).execute()?;
    }
    let checks: &[&str] = &["licenses", "bans", "sources"];
    let deny = Run::new("cargo").args(["deny", "--workspace", "check"]);
    if arguments.is_empty() { deny.args(checks).execute() } else { deny.args(arguments).execute() }
}
