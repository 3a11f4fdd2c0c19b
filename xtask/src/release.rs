//! `cargo xtask release [--publish]`: collects the files of a release and its notes.
//!
//! It takes what `cargo xtask package` made, on one machine or several, and refuses check builds. With
//! `--publish` it tags a commit whose `Package.swift` names the XCFramework, and makes the release on
//! the public host.

use crate::failure::{Failure, Result, WithPath};
use crate::package::archive;
use crate::run::Run;
use crate::{checksums, project};
use std::path::{Path, PathBuf};

const PUBLISH: &str = "--publish";

pub fn command(arguments: &[String]) -> Result {
    if let Some(unknown) = arguments.iter().find(|argument| *argument != PUBLISH) {
        return Err(Failure::new(format!("unknown argument `{unknown}`; use {PUBLISH} or nothing")));
    }
    let version = project::version()?;
    let packages = project::target().join("package");
    let folder = project::target().join("release-files");
    let files = collect(&packages, &folder, &version)?;
    let path = project::root().join("CHANGELOG.md");
    let changes = std::fs::read_to_string(&path).with_path(&path)?;
    let notes = folder.join("notes.md");
    std::fs::write(&notes, self::notes(&changes, &version, &sums(&files)?)?).with_path(&notes)?;
    println!("{}", folder.display());
    if !arguments.is_empty() {
        tag(&packages, &version)?;
        Run::new("gh")
            .args(["release", "create", &version, "--verify-tag", "--title", &version, "--notes-file"])
            .arg(&notes)
            .args(&files)
            .execute()?;
    }
    Ok(())
}

/// The Maven repository as a zip, and the XCFramework.
fn collect(packages: &Path, folder: &Path, version: &str) -> Result<Vec<PathBuf>> {
    project::empty_folder(folder)?;
    let maven = packages.join("maven");
    let aar = format!("dev/tinycounter/tiny-counter/{version}/tiny-counter-{version}.aar");
    needs(&maven.join(aar))?;
    let repository = folder.join(format!("tiny-counter-{version}-maven.zip"));
    archive::create(&maven, &repository)?;
    let name = format!("TinyCounterFFI-{version}.xcframework.zip");
    let built = packages.join("swift/tiny-counter").join(&name);
    needs(&built)?;
    let framework = folder.join(name);
    std::fs::copy(&built, &framework).with_path(&built)?;
    Ok(vec![repository, framework])
}

fn needs(file: &Path) -> Result {
    if file.is_file() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} is missing: run `cargo xtask package`, which says what it needs for a release",
        file.display()
    )))
}

/// The checksum of each file, in a line with its name.
fn sums(files: &[PathBuf]) -> Result<String> {
    let mut lines = String::new();
    for file in files {
        let sum = checksums::sha256(&std::fs::read(file).with_path(file)?);
        lines += &format!("{sum}  {}\n", file.file_name().unwrap_or_default().to_string_lossy());
    }
    Ok(lines)
}

/// The section of the version in the changelog, and the checksums.
fn notes(changes: &str, version: &str, sums: &str) -> Result<String> {
    let heading = format!("## {version}");
    let section = changes.lines().skip_while(|line| *line != heading).skip(1);
    let section: Vec<&str> = section.take_while(|line| !line.starts_with("## ")).collect();
    let section = section.join("\n");
    if section.trim().is_empty() {
        return Err(Failure::new(format!("CHANGELOG.md has no section `{heading}`")));
    }
    Ok(format!("{}\n\nSHA-256:\n\n```\n{sums}```\n", section.trim()))
}

/// Tags and pushes a commit with the `Package.swift` of the release. No branch gets the commit.
fn tag(packages: &Path, version: &str) -> Result {
    let manifest = packages.join("swift/tiny-counter/Package.swift");
    std::fs::copy(&manifest, project::root().join("Package.swift")).with_path(&manifest)?;
    let author = ["-c", "user.name=tiny-counter", "-c", "user.email=release@localhost"];
    let git = || Run::new("git").args(author);
    git().args(["commit", "--message", &format!("Release {version}"), "--", "Package.swift"]).execute()?;
    git().args(["tag", version]).execute()?;
    git().args(["push", "origin", &format!("refs/tags/{version}")]).execute()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notes_are_the_section_of_the_version() {
        let changes = "# Changelog\n\n## Unreleased\n\nx\n\n## 0.2.0\n\n- new\n\n## 0.1.0\n\n- old\n";
        assert_eq!(notes(changes, "0.2.0", "ab  c\n").unwrap(), "- new\n\nSHA-256:\n\n```\nab  c\n```\n");
        assert_eq!(notes(changes, "0.1.0", "").unwrap(), "- old\n\nSHA-256:\n\n```\n```\n");
        assert!(notes(changes, "0.3.0", "").is_err());
    }
}
