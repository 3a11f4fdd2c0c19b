//! `cargo xtask bench`: runs the benchmarks in benches/. `cargo xtask bench kotlin` and `cargo xtask
//! bench swift` measure the calls of a facade, beside the same calls from Rust.

use crate::failure::Result;
use crate::native::{Native, Profile};
use crate::run::Run;
use crate::{kotlin, swift};

pub fn command(arguments: &[String]) -> Result {
    match arguments.first().map(String::as_str) {
        Some("kotlin") => facade(kotlin::benchmark),
        Some("swift") => facade(swift::benchmark),
        _ => Run::cargo("bench").args(["--benches", "--"]).args(arguments).execute(),
    }
}

/// The library is optimised for size in both, as an app contains it.
fn facade(benchmark: fn(&Native) -> Result) -> Result {
    let native = Native::build(Profile::Release)?;
    Run::cargo("bench").args(["--profile", "release", "--bench", "facades"]).execute()?;
    benchmark(&native)
}
