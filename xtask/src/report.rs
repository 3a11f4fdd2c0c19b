//! The steps of `cargo xtask test`, and their summary.

use crate::failure::{Failure, Result};
use crate::native::Profile;
use crate::tally::Tally;
use std::time::{Duration, Instant};

struct Step {
    name: String,
    took: Duration,
    outcome: Result<Tally>,
}

/// The results of all steps.
pub struct Report {
    /// The build of the library that the Kotlin and Swift tests load: the release build, or with
    /// `--debug` the debug build, which compiles faster.
    pub profile: Profile,
    steps: Vec<Step>,
}

impl Report {
    pub fn new(profile: Profile) -> Self {
        Self { profile, steps: Vec::new() }
    }

    /// Runs a step that counts its tests. If it fails, later steps still run.
    pub fn tests(&mut self, name: &str, work: impl FnOnce() -> Result<Tally>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        if let Err(failure) = &outcome {
            println!("{failure}");
        }
        self.steps.push(Step { name: name.to_owned(), took: start.elapsed(), outcome });
    }

    /// Runs a step that succeeds or fails as a whole.
    pub fn check(&mut self, name: &str, work: impl FnOnce() -> Result) {
        self.tests(name, || work().map(|()| Tally::default()));
    }

    /// Prints the summary. The last line counts the tests.
    ///
    /// # Errors
    /// If a step failed.
    pub fn finish(self) -> Result {
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
            // A failed step without test counts is one failure, so that the last line shows it.
            sum += outcome.as_ref().copied().unwrap_or(Tally { passed: 0, failed: 1, skipped: 0 });
        }
        println!("\n{sum}");
        if sum.failed == 0 {
            Ok(())
        } else {
            Err(Failure::new("at least one step failed; see the summary above"))
        }
    }
}
