//! Counts tests from the output of the test runners.

use crate::failure::{Failure, Result};
use crate::run::Captured;
use std::fmt;
use std::ops::AddAssign;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// Counts the tests in the output of a test runner.
    ///
    /// # Errors
    /// If the runner failed without a failed test, or ran no test.
    pub fn of(captured: &Captured, count: fn(&str) -> Self) -> Result<Self> {
        let tally = count(&captured.text);
        if !captured.success && tally.failed == 0 {
            return Err(Failure::new("the test runner failed, but no test did"));
        }
        if tally.passed + tally.failed == 0 {
            return Err(Failure::new("no test was run"));
        }
        Ok(tally)
    }

    /// Cargo prints `test result: ok. 3 passed; 0 failed; 1 ignored; ...` for each binary.
    pub fn cargo(text: &str) -> Self {
        let mut sum = Self::default();
        for line in text.lines().filter(|line| line.trim_start().starts_with("test result:")) {
            sum += Self {
                passed: before(line, " passed"),
                failed: before(line, " failed"),
                skipped: before(line, " ignored"),
            };
        }
        sum
    }

    /// Surefire prints `Tests run: 3, Failures: 0, Errors: 0, Skipped: 1` for each class (with a
    /// time) and once for all.
    pub fn surefire(text: &str) -> Self {
        let is_total = |line: &&str| line.contains("Tests run:") && !line.contains("Time elapsed");
        let Some(line) = text.lines().rfind(is_total) else { return Self::default() };
        let failed = after(line, "Failures: ") + after(line, "Errors: ");
        let skipped = after(line, "Skipped: ");
        Self { passed: after(line, "Tests run: ").saturating_sub(failed + skipped), failed, skipped }
    }

    /// XCTest prints `Executed 3 tests, with 1 test skipped and 0 failures (0 unexpected) in ...`
    /// for each class, and finally for all. Swift Testing prints `Test run with 3 tests in 1 suite
    /// passed after ...`.
    pub fn swift(text: &str) -> Self {
        let mut sum = Self::default();
        if let Some(line) = text.lines().rfind(|line| line.contains("Executed ") && line.contains(" failure"))
        {
            let failed = before(line, " failure");
            let skipped = before(line, " test skipped").max(before(line, " tests skipped"));
            let ran = after(line, "Executed ");
            sum += Self { passed: ran.saturating_sub(failed + skipped), failed, skipped };
        }
        if let Some(line) = text.lines().rfind(|line| line.contains("Test run with ")) {
            let failed = if line.contains(" failed ") { before(line, " issue").max(1) } else { 0 };
            sum += Self { passed: after(line, "Test run with ").saturating_sub(failed), failed, skipped: 0 };
        }
        sum
    }

    /// The last line of a summary of `cargo xtask test`.
    pub fn summary(line: &str) -> Self {
        let number = |word| before(line, word);
        Self { passed: number(" passed"), failed: number(" failed"), skipped: number(" skipped") }
    }
}

/// The number directly before the first occurrence of `word`, or 0.
fn before(line: &str, word: &str) -> u64 {
    let Some((front, _)) = line.split_once(word) else { return 0 };
    front.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The number directly after the first occurrence of `word`, or 0.
fn after(line: &str, word: &str) -> u64 {
    let Some((_, rest)) = line.split_once(word) else { return 0 };
    rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn cargo_binaries_are_added_up() {
        let text = "running 3 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured\n";
        assert_eq!(Tally::cargo(text), tally(13, 2, 1));
    }

    #[test]
    fn only_the_last_line_of_surefire_counts() {
        let text = "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in A\n\
                    [ERROR] Tests run: 9, Failures: 1, Errors: 2, Skipped: 1\n";
        assert_eq!(Tally::surefire(text), tally(5, 3, 1));
    }

    #[test]
    fn xctest_and_swift_testing_are_added_up() {
        let text = "\t Executed 2 tests, with 0 failures (0 unexpected) in 0.0 (0.0) seconds\n\
                    \t Executed 4 tests, with 1 test skipped and 1 failure (0 unexpected) in 0.0 (0.0) seconds\n\
                    \u{2714} Test run with 3 tests passed after 0.001 seconds.\n";
        assert_eq!(Tally::swift(text), tally(5, 1, 1));
        assert_eq!(
            Tally::swift("\u{2718} Test run with 3 tests failed after 0.001 seconds with 2 issues."),
            tally(1, 2, 0)
        );
    }

    #[test]
    fn a_run_without_tests_fails() {
        let captured = |success| Captured { text: "nothing\n".to_owned(), success };
        assert!(Tally::of(&captured(true), Tally::cargo).is_err());
        assert!(Tally::of(&captured(false), Tally::cargo).is_err());
    }
}
