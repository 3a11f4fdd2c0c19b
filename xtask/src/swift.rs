//! Runs the Swift tests, and type-checks the code that only iOS compiles.

use crate::coverage;
use crate::failure::{Result, WithPath};
use crate::native::Native;
use crate::project;
use crate::report::Report;
use crate::run::Run;
use crate::setup;
use crate::tally::Tally;
use std::path::PathBuf;

pub fn part(report: &mut Report) {
    let profile = report.profile;
    report.tests("Swift tests", || {
        coverage::forget();
        tests(&Native::build(profile)?, |swift| swift.arg("--enable-code-coverage"))
    });
    report.check("every public function of Swift is called", coverage::swift);
    report.tests("Swift tests of sync keys", with_sync_keys);
    // As an app's release is built. The compiler can fail then where it does not in a debug build.
    report.check("Swift code with optimisation", || optimised(&Native::build(profile)?, "build"));
    report.check("Swift code for iOS only, and what the compiler says to users", ios_only);
    report.check("Swift documentation", || script("scripts/convert-docc.sh").execute());
}

/// Counts the calls too, only because Swift would otherwise compile everything again.
fn with_sync_keys() -> Result<Tally> {
    let native = Native::debug(project::interface_and("sync-key"))?;
    const OPTIONS: [&str; 3] = ["--enable-code-coverage", "--filter", "SyncKeyTests"];
    tests(&native, |swift| swift.args(OPTIONS).env(project::FEATURES, "sync-key"))
}

/// Prints what a call costs.
pub fn benchmark(native: &Native) -> Result {
    optimised(native, "run")
}

/// `build` or `run` of the benchmark.
fn optimised(native: &Native, command: &str) -> Result {
    let library = library(native)?;
    let product: &[&str] = if command == "build" { &["--product"] } else { &[] };
    script("scripts/swift-run")
        .args(["swift", command, "--configuration", "release"])
        .args(product)
        .arg("Benchmark")
        .env(LIBRARY, library)
        .env(DEVELOPMENT, "benchmark")
        .execute()
}

/// The variable that tells `Package.swift` which library to link.
pub const LIBRARY: &str = "TINY_COUNTER_LIBRARY";
/// The variable that adds the tests and the stand-in for UIKit; with the value `benchmark`, the benchmark.
pub const DEVELOPMENT: &str = "TINY_COUNTER_DEVELOPMENT";

/// `adapted` adds arguments to the command that runs the tests.
fn tests(native: &Native, adapted: fn(Run) -> Run) -> Result<Tally> {
    let library = library(native)?;
    let swift =
        script("scripts/swift-run").args(["swift", "test"]).env(LIBRARY, library).env(DEVELOPMENT, "1");
    Tally::of(&adapted(swift).capture()?, Tally::swift)
}

/// Where Swift finds the library. What was linked with an older one is removed.
fn library(native: &Native) -> Result<PathBuf> {
    setup::swift()?;
    let built = native.archive();
    // Where Swift runs, only the project may be visible, and Cargo's output folder can be elsewhere.
    let library = project::root().join(".build/libtiny_counter.a");
    std::fs::create_dir_all(project::root().join(".build")).with_path(&library)?;
    std::fs::copy(&built, &library).with_path(&built)?;
    // SwiftPM does not know that these depend on the Rust library. Removing them makes it link again.
    for linked in ["debug/TinyCounterPackageTests.xctest", "debug/Benchmark", "release/Benchmark"] {
        let linked = project::root().join(".build").join(linked);
        if linked.is_file() {
            std::fs::remove_file(&linked).with_path(&linked)?;
        }
    }
    Ok(library)
}

/// A command that needs Swift.
pub fn command(program: &[&str]) -> Result<Run> {
    setup::swift()?;
    Ok(script("scripts/swift-run").args(program))
}

fn ios_only() -> Result {
    setup::swift()?;
    script("scripts/typecheck-uikit.sh").execute()
}

fn script(path: &str) -> Run {
    Run::new(project::root().join(path))
}
