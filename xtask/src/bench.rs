//! `cargo xtask bench`: runs the benchmarks in benches/. `cargo xtask bench kotlin` and `cargo xtask
//! bench swift` measure the calls of a facade, beside the same calls from Rust.

use crate::failure::Result;
use crate::native::{Native, Profile};
use crate::run::Run;
use crate::{kotlin, phone, swift};

pub fn command(arguments: &[String]) -> Result {
    match arguments.first().map(String::as_str) {
        Some("kotlin") => facade(kotlin::benchmark),
        Some("swift") => facade(swift::benchmark),
        _ => Run::cargo("bench").args(["--benches", "--"]).args(arguments).execute(),
    }
}

/// The library is compiled for both as an app contains it.
fn facade(benchmark: fn(&Native) -> Result) -> Result {
    let native = Native::build(Profile::Release)?;
    let rust = Run::cargo("bench").args(["--profile", "release", "--bench", "facades"]);
    phone::optimised(rust, &phone::host_triple()?, "").execute()?;
    benchmark(&native)
}
