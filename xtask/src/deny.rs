//! `cargo xtask deny`: licences, bans and sources of all dependencies, by the rules in deny.toml.
//!
//! Not part of `test`: installing cargo-deny takes minutes. Advisories are looked up in a database that
//! is fetched over the network, so they have a word of their own: `cargo xtask deny advisories`.

use crate::failure::Result;
use crate::run::{self, Run};

pub fn command(arguments: &[String]) -> Result {
    if !run::on_path("cargo-deny") {
        Run::new("cargo").args(["install", "cargo-deny", "--locked"]).go()?;
    }
    let checks: &[&str] = &["licenses", "bans", "sources"];
    let deny = Run::new("cargo").args(["deny", "--workspace", "check"]);
    if arguments.is_empty() { deny.args(checks).go() } else { deny.args(arguments).go() }
}
