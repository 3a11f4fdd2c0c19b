//! `cargo xtask test`: runs all checks and tests, or the named parts, and prints a summary.
//!
//! All of it takes long on two processors, and many steps use one. So the parts about phones and the
//! other languages then run in a second process, beside the parts about Rust.

use crate::beside::Beside;
use crate::failure::{Failure, Result};
use crate::native::Profile;
use crate::report::Report;
use crate::{drift, fuzz, kotlin, lints, package, rust, setup, size, swift};

type Part = (&'static str, fn(&mut Report));

/// Fast parts come first, so that simple mistakes are reported early.
const RUST: &[Part] = &[("lints", lints::part), ("rust", rust::part), ("fuzz", fuzz::part)];

/// Those that wait for the debug build of Cargo come last.
const BESIDE: &[Part] = &[
    ("phones", size::part),
    ("kotlin", kotlin::part),
    ("swift", swift::part),
    ("packages", package::test::part),
    ("drift", |report| report.check("bindings are up to date", drift::check)),
];

pub fn command(arguments: &[String]) -> Result {
    let is_debug = arguments.iter().any(|a| a == "--debug");
    let mut report = Report::new(if is_debug { Profile::Debug } else { Profile::Release });
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|a| *a != "--debug").collect();
    let all = || RUST.iter().chain(BESIDE);
    if let Some(unknown) = named.iter().find(|name| all().all(|(known, _)| known != *name)) {
        let known: Vec<_> = all().map(|(name, _)| *name).collect();
        return Err(Failure::new(format!("unknown part `{unknown}`; use one of {}", known.join(", "))));
    }
    if named.is_empty() {
        // Two processes cannot install at the same time.
        report.check("tools", setup::all);
        let arguments = ["test"].into_iter().chain(is_debug.then_some("--debug"));
        let beside = Beside::start(arguments.chain(BESIDE.iter().map(|(name, _)| *name)))?;
        RUST.iter().for_each(|(_, part)| part(&mut report));
        report.add(beside.end());
    } else {
        all().filter(|(name, _)| named.contains(name)).for_each(|(_, part)| part(&mut report));
    }
    report.finish()
}
