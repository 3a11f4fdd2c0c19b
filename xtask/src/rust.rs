//! Runs all Rust tests with all features, the unit tests also with the default features and without
//! features, the examples of the documentation with all features and without, and the two long tests.
//! The library as apps on phones have it is tested through Kotlin and Swift.

use std::path::Path;

use crate::failure::Result;
use crate::report::Report;
use crate::run::Run;
use crate::tally::Tally;

/// Where Linux keeps files in memory. The tests sync thousands of small files.
const MEMORY: &str = "/dev/shm";

pub fn part(report: &mut Report) {
    report.tests("Rust tests, all features", || {
        let run = optimised(&["--lib", "--tests", "--examples"], &["--all-features"]);
        Tally::of(&run.capture()?, Tally::cargo)
    });
    report.tests("unit tests, default features", || cargo_test(&["--lib"], &[]));
    report.tests("every day of 2020 to 2040 in every zone", || {
        let every_day = Run::cargo("test").args(["--test", "calendars"]).env("TINY_COUNTER_LONG", "1");
        Tally::of(&every_day.capture()?, Tally::cargo)
    });
    report.tests("unit tests, no feature, with a million states of the engine", || {
        let states = optimised(&["--lib"], &["--no-default-features"]).env("TINY_COUNTER_STATES", "112000");
        Tally::of(&states.capture()?, Tally::cargo)
    });
    report.tests("examples in the documentation", || {
        // The library is built already.
        Tally::of(&optimised(&["--doc"], &["--all-features"]).capture()?, Tally::cargo)
    });
    report.tests("examples in the documentation, no feature", || {
        cargo_test(&["--doc"], &["--no-default-features"])
    });
    report.tests("tests of these commands", || cargo_test(&["--package", "xtask"], &[]));
}

/// The model checker and the tests of attacks and of failing storages take ten times as long without
/// any optimisation. To optimise takes twice as long as to build without, so the other tests do not.
fn optimised(what: &[&str], features: &[&str]) -> Run {
    test(what, features).env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
}

fn cargo_test(what: &[&str], features: &[&str]) -> Result<Tally> {
    Tally::of(&test(what, features).capture()?, Tally::cargo)
}

fn test(what: &[&str], features: &[&str]) -> Run {
    let run = Run::cargo("test").arg("--no-fail-fast").args(what).args(features);
    if Path::new(MEMORY).is_dir() { run.env("TMPDIR", MEMORY) } else { run }
}
