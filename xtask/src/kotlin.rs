//! Runs the Kotlin tests: the facade on the JVM, and the Android lifecycle with the classes of the
//! Android framework.

use crate::coverage;
use crate::failure::Result;
use crate::native::Native;
use crate::project;
use crate::report::Report;
use crate::run::Run;
use crate::setup;
use crate::tally::Tally;

pub fn part(report: &mut Report) {
    let profile = report.profile;
    report.tests("Kotlin tests", || {
        coverage::forget();
        tests(&Native::build(profile)?, "tests/kotlin")
    });
    report.tests("Kotlin tests of the Android lifecycle", || {
        tests(&Native::build(profile)?, "tests/kotlin-android")
    });
    report.tests("Kotlin tests of sync keys", with_sync_keys);
    report.check("every public function of Kotlin is called", coverage::kotlin);
}

fn tests(native: &Native, module: &str) -> Result<Tally> {
    tally(maven(native, module)?)
}

fn with_sync_keys() -> Result<Tally> {
    let maven = maven(&Native::debug(project::interface_and("sync-key"))?, "tests/kotlin")?;
    tally(maven.env(project::FEATURES, "sync-key").arg("-Dtest=SyncKeyTest"))
}

/// Prints what a call costs.
pub fn benchmark(native: &Native) -> Result {
    maven(native, "tests/kotlin")?.args(["-Dtest=Benchmark", "test"]).execute()
}

fn maven(native: &Native, module: &str) -> Result<Run> {
    setup::maven()?;
    let mut folder = std::ffi::OsString::from("-Dnative.dir=");
    folder.push(&native.folder);
    Ok(Run::new("mvn")
        .args(["--batch-mode", "--no-transfer-progress", "--file"])
        .arg(project::root().join(module).join("pom.xml"))
        .arg(folder))
}

fn tally(maven: Run) -> Result<Tally> {
    Tally::of(&maven.arg("test").capture()?, Tally::surefire)
}
