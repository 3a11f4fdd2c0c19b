//! Runs the Rust tests with the usual sets of features and without features, the unit tests with
//! each feature alone, and the two long ones.

use std::path::Path;

use crate::failure::Result;
use crate::project;
use crate::report::Report;
use crate::run::Run;
use crate::tally::Tally;

/// Where Linux keeps files in memory. The tests sync thousands of small files.
const MEMORY: &str = "/dev/shm";

pub fn part(report: &mut Report) {
    let library = ["--lib", "--tests", "--examples"];
    report.tests("Rust tests", || cargo_test(&library, &[]));
    // The other tests do not call the foreign interface, and run with all features too.
    report.tests("unit tests, ffi", || cargo_test(&["--lib"], &["--features", "ffi"]));
    report.tests("Rust tests, all features", || cargo_test(&library, &["--all-features"]));
    report.tests("every day of 2020 to 2040 in every zone", || {
        let every_day = Run::cargo("test").args(["--test", "calendars"]).env("TINY_COUNTER_LONG", "1");
        Tally::of(&every_day.capture()?, Tally::cargo)
    });
    report.tests("a million states of the engine", || {
        // Without features the build with optimisation takes little time.
        let library = ["--profile", "fuzz", "--no-default-features", "--lib", "model_check"];
        let states = Run::cargo("test").args(library).env("TINY_COUNTER_STATES", "112000");
        Tally::of(&states.capture()?, Tally::cargo)
    });
    report.tests("examples in the documentation", || cargo_test(&["--doc"], &["--all-features"]));
    report.tests("Rust tests and examples, no feature", || cargo_test(&["--no-default-features"], &[]));
    report.tests("unit tests and examples, each feature alone", each_feature_alone);
    report.tests("tests of these commands", || cargo_test(&["--package", "xtask"], &[]));
}

fn each_feature_alone() -> Result<Tally> {
    let mut sum = Tally::default();
    for feature in project::features()? {
        for what in ["--lib", "--doc"] {
            sum += cargo_test(&["--no-default-features", what], &["--features", &feature])?;
        }
    }
    Ok(sum)
}

fn cargo_test(what: &[&str], features: &[&str]) -> Result<Tally> {
    let mut run = Run::cargo("test").arg("--no-fail-fast").args(what).args(features);
    if Path::new(MEMORY).is_dir() {
        run = run.env("TMPDIR", MEMORY);
    }
    Tally::of(&run.capture()?, Tally::cargo)
}
