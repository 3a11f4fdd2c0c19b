//! `cargo xtask test`: runs all checks and tests, or the named parts, and prints a summary.

use crate::failure::{Failure, Result};
use crate::native::Profile;
use crate::report::Report;
use crate::{drift, fuzz, kotlin, lints, package, rust, size, swift};

type Part = (&'static str, fn(&mut Report));

/// Fast parts come first, so that simple mistakes are reported early.
const PARTS: &[Part] = &[
    ("lints", lints::part),
    ("rust", rust::part),
    ("fuzz", fuzz::part),
    ("drift", |report| report.check("bindings are up to date", drift::check)),
    ("kotlin", kotlin::part),
    ("swift", swift::part),
    ("phones", size::part),
    ("packages", package::test::part),
];

pub fn command(arguments: &[String]) -> Result {
    let mut report =
        Report::new(if arguments.iter().any(|a| a == "--debug") { Profile::Debug } else { Profile::Release });
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|a| *a != "--debug").collect();
    if let Some(unknown) = named.iter().find(|name| PARTS.iter().all(|(known, _)| known != *name)) {
        let known: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
        return Err(Failure::new(format!("unknown part `{unknown}`; use one of {}", known.join(", "))));
    }
    for (name, part) in PARTS {
        if named.is_empty() || named.contains(name) {
            part(&mut report);
        }
    }
    report.finish()
}
