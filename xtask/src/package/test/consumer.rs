//! A Maven project in an empty folder, with the JVM artefact and the flows as its only dependencies.

use crate::failure::{Failure, Result, WithPath};
use crate::kotlin_classes::Module;
use crate::package::stage::copy_all;
use crate::tally::Tally;
use crate::{kotlin, project};
use std::path::{Path, PathBuf};

/// Prints the files that a program needs.
const CLASS_PATH: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath";

/// Removes artefacts from Maven's own copies. A check build keeps its version, so Maven would go on
/// with the copy of an earlier build.
const FORGET: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:purge-local-repository";
const FORGOTTEN: &str =
    "-DmanualInclude=dev.tinycounter:tiny-counter-jvm,dev.tinycounter:tiny-counter-coroutines";

/// Runs the tests of the project.
pub fn run(repository: &Path) -> Result<Tally> {
    let folder = app();
    project::empty_folder(&folder)?;
    copy_all(&project::root().join("tests/packages/maven"), &folder)?;
    let pom = folder.join("pom.xml");
    let text = std::fs::read_to_string(&pom).with_path(&pom)?;
    let text = text
        .replace("@REPOSITORY@", &format!("file://{}", repository.display()))
        .replace("@VERSION@", &version(repository)?);
    std::fs::write(&pom, text).with_path(&pom)?;
    let maven =
        kotlin::maven_in(&folder)?.args([FORGET, FORGOTTEN, "test", CLASS_PATH, "-DincludeScope=runtime"]);
    Tally::of(&maven.arg(output(&folder)).capture()?, Tally::surefire)
}

/// The classes of the app, and the archives that it depends on, after [`run`].
pub fn class_path() -> Result<Vec<PathBuf>> {
    let mut all = vec![app().join("target/classes")];
    all.extend(listed(&app())?);
    Ok(all)
}

/// The archives of the tools that shrink an app.
pub fn shrinkers() -> Result<Vec<PathBuf>> {
    dependencies("tests/packages/shrinkers", "shrinkers")
}

/// The archives with which a module of the facade is compiled.
pub fn compiled_with(module: &Module) -> Result<Vec<PathBuf>> {
    dependencies(module.folder, "module")
}

/// What a Maven project of this repository depends on.
fn dependencies(project: &str, name: &str) -> Result<Vec<PathBuf>> {
    let list = super::folder().join(name);
    std::fs::create_dir_all(&list).with_path(&list)?;
    if !list.join(LIST).is_file() {
        let maven = kotlin::maven_in(&project::root().join(project))?;
        maven.arg(CLASS_PATH).arg(output(&list)).execute()?;
    }
    listed(&list)
}

fn app() -> PathBuf {
    super::folder().join("app")
}

/// The file in which Maven lists the files.
const LIST: &str = "class-path.txt";

fn output(folder: &Path) -> String {
    format!("-Dmdep.outputFile={}", folder.join(LIST).display())
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = folder.join(LIST);
    let text = std::fs::read_to_string(&list).with_path(&list)?;
    Ok(std::env::split_paths(text.trim()).collect())
}

/// The version of the artefacts in the repository.
pub fn version(repository: &Path) -> Result<String> {
    let folder = repository.join("dev/tinycounter/tiny-counter-jvm");
    let versions = project::files(&folder)?;
    let version = versions.iter().find_map(|file| file.parent()?.to_str().filter(|name| !name.is_empty()));
    version.map(str::to_owned).ok_or_else(|| Failure::new(format!("{} has no version", folder.display())))
}
