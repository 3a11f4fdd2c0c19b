//! `cargo xtask test`: every check and test in order, or one part of them, with a summary at the end.

use crate::failure::{Failure, Result};
use crate::native::Profile;
use crate::tally::Tally;
use crate::{drift, fuzz, kotlin, lints, rust, size, swift};
use std::time::{Duration, Instant};

type Part = (&'static str, fn(&mut Report));

/// Cheap ones first: a slip in the formatting need not wait for the Swift compiler.
const PARTS: &[Part] = &[
    ("lints", lints::part),
    ("rust", rust::part),
    ("fuzz", fuzz::part),
    ("drift", |report| report.check("bindings are up to date", drift::check)),
    ("kotlin", kotlin::part),
    ("swift", swift::part),
    ("phones", size::part),
];

pub fn command(arguments: &[String]) -> Result {
    let mut report =
        Report::new(if arguments.iter().any(|a| a == "--debug") { Profile::Debug } else { Profile::Release });
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|a| *a != "--debug").collect();
    if let Some(unknown) = named.iter().find(|name| PARTS.iter().all(|(known, _)| known != *name)) {
        let known: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
        return Err(Failure::new(format!("no part `{unknown}`; there are {}", known.join(", "))));
    }
    for (name, part) in PARTS {
        if named.is_empty() || named.contains(name) {
            part(&mut report);
        }
    }
    report.close()
}

struct Step {
    name: String,
    took: Duration,
    outcome: Result<Tally>,
}

/// What was done, and how it went.
pub struct Report {
    /// What the Kotlin and Swift tests load: what ships, or with `--debug` what builds quickly.
    pub profile: Profile,
    steps: Vec<Step>,
}

impl Report {
    fn new(profile: Profile) -> Self {
        Self { profile, steps: Vec::new() }
    }

    /// Does a step that runs tests. Later steps are done even when it fails.
    pub fn tests(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        if let Err(failure) = &outcome {
            println!("{failure}");
        }
        self.steps.push(Step { name: name.to_owned(), took: start.elapsed(), outcome });
    }

    /// Does a step that either holds or does not.
    pub fn check(&mut self, name: &str, work: impl FnOnce() -> Result) {
        self.tests(name, || work().map(|()| Tally::default()));
    }

    fn close(self) -> Result {
        println!("\n== summary");
        let mut sum = Tally::default();
        for Step { name, took, outcome } in &self.steps {
            let took = took.as_secs_f64();
            let (word, counts) = match outcome {
                Ok(tally) if tally.failed > 0 => ("FAILED", tally.to_string()),
                Ok(tally) if tally.passed > 0 => ("ok", tally.to_string()),
                Ok(_) => ("ok", String::new()),
                Err(_) => ("FAILED", String::new()),
            };
            println!("{word:<6} {took:>7.1} s  {name:<44} {counts}");
            // A check that does not hold counts as one failure, so that the closing line tells the truth.
            sum += outcome.as_ref().copied().unwrap_or(Tally { passed: 0, failed: 1, skipped: 0 });
        }
        println!("\n{sum}");
        if sum.failed == 0 {
            Ok(())
        } else {
            Err(Failure::new("something failed; the summary above says what"))
        }
    }
}
