//! The Swift tests, and the type check of what only iOS compiles.

use crate::failure::{About, Result};
use crate::native::{Native, Profile};
use crate::project;
use crate::run::Run;
use crate::setup;
use crate::tally::Tally;
use crate::test::Report;

pub fn part(report: &mut Report) {
    let profile = report.profile;
    report.tests("Swift tests", || tests(profile));
    report.check("Swift code for iOS only", ios_only);
}

fn tests(profile: Profile) -> Result<Tally> {
    setup::swift()?;
    let library = Native::build(profile)?.archive();
    // SwiftPM does not know that the tests depend on the Rust library: without them it links anew.
    let linked = project::root().join(".build/debug/TinyCounterPackageTests.xctest");
    if linked.is_file() {
        std::fs::remove_file(&linked).about(&linked)?;
    }
    let said =
        script("scripts/swift-run").args(["swift", "test"]).env("TINY_COUNTER_LIBRARY", library).watch()?;
    Tally::of(&said, Tally::swift)
}

fn ios_only() -> Result {
    setup::swift()?;
    script("scripts/typecheck-uikit.sh").go()
}

fn script(path: &str) -> Run {
    Run::new(project::root().join(path))
}
