//! `cargo xtask demo`: runs the example in examples/demo.

use crate::failure::Result;
use crate::run::Run;

pub fn command(arguments: &[String]) -> Result {
    Run::cargo("run").args(["--quiet", "--example", "demo", "--"]).args(arguments).execute()
}
