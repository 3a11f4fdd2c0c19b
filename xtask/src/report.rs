//! The steps of `cargo xtask test`, and their summary.

use crate::failure::{Failure, Result};
use crate::native::Profile;
use crate::tally::Tally;
use std::time::{Duration, Instant};

const SUMMARY: &str = "== summary";

/// Steps with their results, as a summary shows them.
pub struct Steps {
    lines: String,
    tally: Tally,
}

impl Steps {
    /// Those of the summary in an output; absent if it has none.
    pub fn of(output: &str) -> Option<Self> {
        let (_, summary) = output.rsplit_once(&format!("{SUMMARY}\n"))?;
        let (lines, rest) = summary.split_once("\n\n")?;
        let tally = Tally::summary(rest.lines().next()?);
        (tally != Tally::default()).then(|| Self { lines: lines.to_owned(), tally })
    }
}

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
    /// What another process did.
    others: Vec<Steps>,
}

impl Report {
    pub fn new(profile: Profile) -> Self {
        Self { profile, steps: Vec::new(), others: Vec::new() }
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

    /// Adds the steps of another process.
    pub fn add(&mut self, steps: Result<Steps>) {
        match steps {
            Ok(steps) => self.others.push(steps),
            Err(failure) => self.check("the second process", || Err(failure)),
        }
    }

    /// Prints the summary. The last line counts the tests.
    ///
    /// # Errors
    /// If a step failed.
    pub fn finish(self) -> Result {
        println!("\n{SUMMARY}");
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
        for Steps { lines, tally } in &self.others {
            println!("{lines}");
            sum += *tally;
        }
        println!("\n{sum}");
        if sum.failed == 0 {
            Ok(())
        } else {
            Err(Failure::new("at least one step failed; see the summary above"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_another_process_are_those_of_its_last_summary() {
        let text = "== summary\nok  1 s  other\n\n7 passed, 0 failed\n\n== summary\nok  1 s  a\nFAILED  2 s  b\n\n\
                    12 passed, 3 failed, 1 skipped\ncargo xtask test: at least one step failed\n";
        let Steps { lines, tally } = Steps::of(text).unwrap();
        assert_eq!(lines, "ok  1 s  a\nFAILED  2 s  b");
        assert_eq!(tally, Tally { passed: 12, failed: 3, skipped: 1 });
    }

    #[test]
    fn an_output_that_ends_before_its_summary_has_no_steps() {
        assert!(Steps::of("== a step\nkilled").is_none());
        assert!(Steps::of("== summary\nok  1 s  a\n").is_none());
        assert!(Steps::of("== summary\n\nnothing was counted\n").is_none());
    }
}
