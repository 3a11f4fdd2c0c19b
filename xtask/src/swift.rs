//! Runs the Swift tests, and type-checks the code that only iOS compiles.

use crate::failure::{Result, WithPath};
use crate::native::Native;
use crate::project;
use crate::report::Report;
use crate::run::Run;
use crate::setup;
use crate::tally::Tally;

pub fn part(report: &mut Report) {
    let profile = report.profile;
    report.tests("Swift tests", || tests(&Native::build(profile)?, |swift| swift));
    report.tests("Swift tests of sync keys", with_sync_keys);
    report.check("Swift code for iOS only", ios_only);
}

fn with_sync_keys() -> Result<Tally> {
    let native = Native::debug(project::interface_and("sync-key"))?;
    tests(&native, |swift| swift.args(["--filter", "SyncKeyTests"]).env(project::FEATURES, "sync-key"))
}

/// `adapted` adds arguments to the command that runs the tests.
fn tests(native: &Native, adapted: fn(Run) -> Run) -> Result<Tally> {
    setup::swift()?;
    let built = native.archive();
    // Where Swift runs, only the project may be visible, and Cargo's output folder can be elsewhere.
    let library = project::root().join(".build/libtiny_counter.a");
    std::fs::create_dir_all(project::root().join(".build")).with_path(&library)?;
    std::fs::copy(&built, &library).with_path(&built)?;
    // SwiftPM does not know that the tests depend on the Rust library. Removing them makes it link
    // again.
    let linked = project::root().join(".build/debug/TinyCounterPackageTests.xctest");
    if linked.is_file() {
        std::fs::remove_file(&linked).with_path(&linked)?;
    }
    let swift = script("scripts/swift-run").args(["swift", "test"]).env("TINY_COUNTER_LIBRARY", library);
    Tally::of(&adapted(swift).capture()?, Tally::swift)
}

fn ios_only() -> Result {
    setup::swift()?;
    script("scripts/typecheck-uikit.sh").execute()
}

fn script(path: &str) -> Run {
    Run::new(project::root().join(path))
}
