//! The apps of `samples/`, built with the packages. The app for the command line also runs.

use super::consumer::version;
use crate::failure::{Failure, Result, WithPath};
use crate::package::stage::{copy, copy_all};
use crate::run::{self, Run};
use crate::tally::Tally;
use crate::{kotlin, project, swift};
use std::path::Path;

/// The address of AndroidX, for a machine on which Maven does not find it.
const ANDROIDX: &str = "TINY_COUNTER_ANDROIDX";

/// What the program prints for each command, in this order. Each is a process of its own. A text that
/// ends with `*` is the beginning of what is printed.
const SESSION: [(&str, &[&str], &str); 10] = [
    ("laptop", &["record", "coffee", "2"], "coffee: 2 in 7 days"),
    ("laptop", &["record", "coffee"], "coffee: 3 in 7 days"),
    ("laptop", &["remind", "coffee"], "not before *"),
    ("laptop", &["remind", "stretch"], "Time for: stretch"),
    ("laptop", &["remind", "read"], "not before *"),
    ("laptop", &["export", "EXPORT"], "exported"),
    ("desk", &["record", "coffee"], "coffee: 1 in 7 days"),
    ("desk", &["merge", "EXPORT"], "3 events changed"),
    ("desk", &["merge", "EXPORT"], "0 events changed"),
    ("desk", &["show"], "coffee: 4 in 7 days"),
];

/// Builds the program and runs it.
pub fn jvm(repository: &Path) -> Result {
    let sample = project::root().join("samples/jvm");
    maven(&sample, repository)?.arg("package").execute()?;
    let folder = super::folder().join("habits");
    project::empty_folder(&folder)?;
    let habits = |device: &str, arguments: &[&str]| {
        let arguments = arguments.iter().map(|argument| argument.replace("EXPORT", "../export"));
        let device = folder.join(device);
        std::fs::create_dir_all(&device).with_path(&device)?;
        let java = Run::new("java").in_folder(&device).args(run::SHORT_JAVA).arg("-jar");
        java.arg(sample.join("target/habits.jar")).arg("counts").args(arguments).stdout()
    };
    for (device, arguments, wanted) in SESSION {
        let printed = habits(device, arguments)?;
        let is_so = match wanted.strip_suffix('*') {
            Some(beginning) => printed.starts_with(beginning),
            None => printed.trim_end() == wanted,
        };
        if !is_so {
            return Err(Failure::new(format!(
                "`{}` printed `{printed}`, not `{wanted}`",
                arguments.join(" ")
            )));
        }
    }
    if habits("desk", &["record", "coffee", "-1"]).is_ok() {
        return Err(Failure::new("the program took a negative count"));
    }
    Ok(())
}

/// Compiles the app for Android and runs its unit tests. [`super::contents::check`] has unpacked the AAR.
pub fn android(repository: &Path) -> Result<Tally> {
    let mut maven = maven(&project::root().join("tests/samples/android"), repository)?
        .arg(format!("-Dtiny-counter.classes={}", super::folder().join("aar/classes.jar").display()));
    if let Ok(address) = std::env::var(ANDROIDX) {
        maven = maven.arg(format!("-Dandroidx.repository={address}"));
    }
    Tally::of(&maven.arg("test").capture()?, Tally::surefire)
}

/// Compiles the app for iOS and its widget, and runs their unit tests. [`super::swift::consumer`] has
/// copied the package to where Swift runs. Where there is no SwiftUI, the app gets stand-ins.
pub fn ios() -> Result<Tally> {
    let folder = super::swift::folder().join("water");
    project::empty_folder(&folder)?;
    copy_all(&project::root().join("samples/ios"), &folder)?;
    let manifest = folder.join("Package.swift");
    let mut text = std::fs::read_to_string(&manifest).with_path(&manifest)?;
    text = text.replace("../../target/package/swift/tiny-counter", "../tiny-counter");
    let mut test = vec!["swift", "test"];
    if cfg!(target_os = "linux") {
        // Swift 6.0 for Linux has a library for observation that misses a function, which reports a crash.
        test.extend(["-Xlinker", "--allow-shlib-undefined"]);
        let additions = project::root().join("tests/samples/ios");
        copy_all(&additions.join("StandIns"), &folder.join("StandIns"))?;
        // What the library itself uses.
        let library = project::root().join("ios/SwiftUIStub/SwiftUI.swift");
        copy(&library, &folder.join("StandIns/SwiftUI/Library.swift"))?;
        let additions = additions.join("additions.swift");
        text += &std::fs::read_to_string(&additions).with_path(&additions)?;
    }
    std::fs::write(&manifest, text).with_path(&manifest)?;
    Tally::of(&swift::command(&test)?.in_folder(&folder).capture()?, Tally::swift)
}

/// Maven in a project that takes the repository by properties.
fn maven(folder: &Path, repository: &Path) -> Result<Run> {
    Ok(kotlin::maven_in(folder)?
        .arg(format!("-Dtiny-counter.repository=file://{}", repository.display()))
        .arg(format!("-Dtiny-counter.version={}", version(repository)?)))
}
