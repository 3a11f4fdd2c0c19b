//! The Rust tests, under each set of features that is used as a whole.

use crate::failure::Result;
use crate::run::Run;
use crate::tally::Tally;
use crate::test::Report;

pub fn part(report: &mut Report) {
    let library = ["--lib", "--tests", "--examples"];
    report.tests("Rust tests", || cargo_test(&library, &[]));
    report.tests("Rust tests, ffi", || cargo_test(&library, &["--features", "ffi"]));
    report.tests("Rust tests, all features", || cargo_test(&library, &["--all-features"]));
    report.tests("examples in the documentation", || cargo_test(&["--doc"], &["--all-features"]));
    report.tests("tests of these commands", || cargo_test(&["--package", "xtask"], &[]));
}

fn cargo_test(what: &[&str], features: &[&str]) -> Result<Tally> {
    let said = Run::cargo("test").arg("--no-fail-fast").args(what).args(features).watch()?;
    Tally::of(&said, Tally::cargo)
}
