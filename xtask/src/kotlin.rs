//! Runs the Kotlin tests: the facade on the JVM, and the Android lifecycle with the classes of the
//! Android framework.

use crate::failure::Result;
use crate::native::Native;
use crate::project;
use crate::report::Report;
use crate::run::Run;
use crate::tally::Tally;
use crate::{native, setup};

pub fn part(report: &mut Report) {
    let profile = report.profile;
    report.tests("Kotlin tests", || maven(profile, "tests/kotlin"));
    report.tests("Kotlin tests of the Android lifecycle", || maven(profile, "tests/kotlin-android"));
}

fn maven(profile: native::Profile, module: &str) -> Result<Tally> {
    setup::maven()?;
    let native = Native::build(profile)?;
    let mut folder = std::ffi::OsString::from("-Dnative.dir=");
    folder.push(&native.folder);
    let captured = Run::new("mvn")
        .args(["--batch-mode", "--no-transfer-progress", "--file"])
        .arg(project::root().join(module).join("pom.xml"))
        .arg(folder)
        .arg("test")
        .capture()?;
    Tally::of(&captured, Tally::surefire)
}
