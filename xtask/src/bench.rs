//! `cargo xtask bench`: runs the benchmarks in benches/.

use crate::failure::Result;
use crate::run::Run;

pub fn command(arguments: &[String]) -> Result {
    Run::cargo("bench").args(["--benches", "--"]).args(arguments).execute()
}
