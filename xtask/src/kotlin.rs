//! Runs the Kotlin tests: the facade on the JVM, and the Android lifecycle with the classes of the
//! Android framework.

use crate::coverage;
use crate::failure::{Failure, Result};
use crate::kotlin_classes::{ANDROID, JVM, Module};
use crate::native::Native;
use crate::project;
use crate::report::Report;
use crate::run::{self, Run};
use crate::setup;
use crate::tally::Tally;
use std::path::{Path, PathBuf};

pub fn part(report: &mut Report) {
    let profile = report.profile;
    report.tests("Kotlin tests", || {
        coverage::forget();
        tests(&Native::build(profile)?, &JVM)
    });
    report.tests("Kotlin tests of the Android lifecycle", || tests(&Native::build(profile)?, &ANDROID));
    report.tests("Kotlin tests of sync keys", with_sync_keys);
    report.check("every public function of Kotlin is called", coverage::kotlin);
}

fn tests(native: &Native, module: &Module) -> Result<Tally> {
    module.compiled(|| tally(with_library(native, module)?))
}

/// Runs what the tests before have compiled, with another library.
fn with_sync_keys() -> Result<Tally> {
    let maven = with_library(&Native::debug(project::interface_and("sync-key"))?, &JVM)?;
    let goals = ["jacoco:prepare-agent", "surefire:test", "-Dtest=SyncKeyTest", "jacoco:report@report"];
    Tally::of(&maven.env(project::FEATURES, "sync-key").args(goals).capture()?, Tally::surefire)
}

/// Prints what a call costs.
pub fn benchmark(native: &Native) -> Result {
    with_library(native, &JVM)?.args(["-Dtest=Benchmark", "test"]).execute()
}

/// The folder with the documentation of a module for users, as HTML.
pub fn documentation(module: &Module) -> Result<PathBuf> {
    let folder = project::root().join(module.folder).join("target/dokka");
    project::empty_folder(&folder)?;
    maven(module)?.arg(format!("dokka:dokka@{}", module.name)).execute()?;
    if folder.join("index.html").is_file() {
        Ok(folder)
    } else {
        Err(Failure::new(format!("Dokka wrote no index.html into {}", folder.display())))
    }
}

fn with_library(native: &Native, module: &Module) -> Result<Run> {
    let mut folder = std::ffi::OsString::from("-Dnative.dir=");
    folder.push(&native.folder);
    Ok(maven(module)?.arg(folder))
}

/// Maven in the project of a module.
pub fn maven(module: &Module) -> Result<Run> {
    maven_in(&project::root().join(module.folder))
}

/// Maven in a folder.
pub fn maven_in(folder: &Path) -> Result<Run> {
    setup::maven()?;
    let own = std::env::var("MAVEN_OPTS").unwrap_or_default();
    Ok(Run::new("mvn")
        .env("MAVEN_OPTS", format!("{} {own}", run::SHORT_JAVA.join(" ")))
        .args(["--batch-mode", "--no-transfer-progress", "--file"])
        .arg(folder.join("pom.xml")))
}

fn tally(maven: Run) -> Result<Tally> {
    Tally::of(&maven.arg("test").capture()?, Tally::surefire)
}
