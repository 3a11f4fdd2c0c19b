//! `cargo xtask bench`: the benchmarks in benches/.

use crate::failure::Result;
use crate::project::CRATE;
use crate::run::Run;

pub fn command(arguments: &[String]) -> Result {
    Run::cargo("bench").args(["--package", CRATE, "--benches", "--"]).args(arguments).go()
}
