//! The program of the Maven project, shrunk as an app's release is. It must run with the rules of the
//! artefacts that it depends on, and with none of its own but the one that keeps its entry.

use super::consumer::{class_path, shrinkers};
use super::contents::STORE;
use crate::failure::{Failure, Result, WithPath};
use crate::package::archive;
use crate::project;
use crate::run::{self, Run};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The program, which has the three uses.
pub const PROGRAM: &str = "ThreeUses";

const ENTRY: &str = "-keep class ThreeUses { public static void main(java.lang.String[]); }";

/// What the program prints at its end.
const DONE: &str = "three uses";

/// How long the shrunk program may run. It takes seconds, and what a tool breaks can make it wait for ever.
const LIMIT: Duration = Duration::from_secs(120);

/// The artefacts that have rules for ProGuard.
const WITH_RULES: [&str; 2] = ["tiny-counter-jvm", "tiny-counter-coroutines"];

/// ProGuard reads no rules from a JAR. Its plugins for Maven and Gradle do.
pub fn proguard() -> Result {
    let shrunk = super::folder().join("proguard.jar");
    let program = class_path()?;
    let mut run = java(&shrinkers()?)?.arg("proguard.ProGuard");
    for rules in rules(&program)? {
        run = run.arg("-include").arg(rules);
    }
    for input in &program {
        run = run.arg("-injars").arg(format!("{}(!META-INF/versions/**)", input.display()));
    }
    run.arg("-outjars")
        .arg(&shrunk)
        .args(["-libraryjars", "<java.home>/jmods/java.base.jmod(!**.jar;!module-info.class)"])
        .arg(ENTRY)
        .execute()?;
    check(&shrunk, &program)
}

/// What [`r8`] makes of the program.
pub fn shrunk_by_r8() -> PathBuf {
    super::folder().join("r8.jar")
}

/// The rules that the archives of a program hold.
fn rules(program: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = super::folder().join("rules");
    let mut all = Vec::new();
    for archive in program.iter().filter(|path| path.is_file()) {
        let content = folder.join(archive.file_stem().unwrap_or_default());
        archive::unpack(archive, &content)?;
        let rules = content.join("META-INF/proguard");
        if rules.is_dir() {
            all.extend(project::files(&rules)?.into_iter().map(|file| rules.join(file)));
        }
    }
    for artefact in WITH_RULES {
        if !all.iter().any(|path| path.ends_with(format!("{artefact}.pro"))) {
            return Err(Failure::new(format!("{artefact} has no rules for ProGuard")));
        }
    }
    Ok(all)
}

pub fn r8() -> Result {
    let shrunk = shrunk_by_r8();
    let program = class_path()?;
    let java_home = java_home()?;
    with_r8(&program, &shrunk, |r8| r8.args(["--classfile", "--lib"]).arg(java_home))?;
    check(&shrunk, &program)
}

/// Shrinks the classes of a program and the archives that it depends on.
pub fn with_r8(program: &[PathBuf], shrunk: &Path, adapted: impl FnOnce(Run) -> Run) -> Result {
    let entry = super::folder().join("entry.pro");
    std::fs::write(&entry, ENTRY).with_path(&entry)?;
    // R8 takes archives only.
    let app = super::folder().join("app.jar");
    let (classes, libraries) = program.split_first().ok_or_else(|| Failure::new("the app has no classes"))?;
    archive::create(classes, &app)?;
    let r8 = java(&shrinkers()?)?.args(["com.android.tools.r8.R8", "--release", "--pg-conf"]).arg(&entry);
    adapted(r8).arg("--output").arg(shrunk).arg(&app).args(libraries).execute()
}

/// Runs the shrunk program.
fn check(shrunk: &Path, program: &[PathBuf]) -> Result {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let before: u64 = program.iter().map(|path| size(path)).sum();
    println!("{before} bytes, shrunk to {}", size(shrunk));
    let content = Run::new("jar").args(["--list", "--file"]).arg(shrunk).stdout()?;
    // The rules keep no class of the interface, so each that is left has another name.
    if content.lines().any(|name| name == STORE) {
        return Err(Failure::new(format!("the rules of the artefact keep {STORE}")));
    }
    check_output(&java(&[shrunk.to_owned()])?.arg(PROGRAM).stdout_within(LIMIT)?)
}

/// Whether the program ran to its end.
pub fn check_output(output: &str) -> Result {
    if output.trim() == DONE { Ok(()) } else { Err(Failure::new(format!("the program printed {output}"))) }
}

fn java(class_path: &[PathBuf]) -> Result<Run> {
    let joined = std::env::join_paths(class_path).map_err(|error| Failure::new(error.to_string()))?;
    Ok(Run::new("java").args(run::SHORT_JAVA).arg("-cp").arg(joined))
}

/// The folder of the JDK, which holds the classes of Java.
pub fn java_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("JAVA_HOME") {
        return Ok(home.into());
    }
    let java = run::find("java").ok_or_else(|| Failure::new("there is no `java` in PATH"))?;
    // The program in PATH is a link into the folder of the JDK.
    let program = std::fs::canonicalize(&java).with_path(&java)?;
    let home = program.parent().and_then(Path::parent);
    home.map(Path::to_owned).ok_or_else(|| Failure::new(format!("{} is in no JDK", program.display())))
}
