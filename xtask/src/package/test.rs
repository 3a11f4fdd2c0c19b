//! Tests of the packages: they are opened, and programs with nothing but a package use them.

pub mod consumer;
mod contents;
mod cost;
mod samples;
pub mod shrinking;
mod swift;

use super::{Extent, Options};
use crate::failure::{Failure, Result, WithPath};
use crate::project;
use crate::report::Report;
use std::path::{Path, PathBuf};

pub fn part(report: &mut Report) {
    let profile = report.profile;
    let options = || Options { profile, extent: Extent::Quick, natives: None, url: None };
    report.check("packages, made twice", || made_twice(&options()));
    report.check("content of the packages", || contents::check(&repository()));
    report.tests("a Maven project with the JARs", || consumer::run(&repository()));
    report.check("the same, shrunk by ProGuard", shrinking::proguard);
    report.check("the same, shrunk by R8", shrinking::r8);
    report.check("what the packages add to an app", cost::check);
    report.check("the sample for the command line", || samples::jvm(&repository()));
    report.tests("the sample for Android", || samples::android(&repository()));
    report.check("what SwiftPM says about a checkout", swift::checkout);
    report.tests("a Swift package with one dependency", || swift::consumer(&package()));
    report.tests("the sample for iOS", samples::ios);
}

/// The folder of everything here.
fn folder() -> PathBuf {
    project::target().join("package-test")
}

fn repository() -> PathBuf {
    folder().join("maven")
}

fn package() -> PathBuf {
    folder().join("tiny-counter")
}

/// Makes the packages, and again: the bytes must be the same.
fn made_twice(options: &Options) -> Result {
    project::empty_folder(&folder())?;
    let second = folder().join("again");
    super::maven::create(&second, options)?;
    super::maven::create(&repository(), options)?;
    same(&second, &repository())?;
    super::swift::create(&second, options)?;
    super::swift::create(&package(), options)?;
    same(&second, &package())?;
    std::fs::remove_dir_all(&second).with_path(&second)
}

fn same(one: &Path, other: &Path) -> Result {
    let files = project::files(one)?;
    if files.is_empty() || files != project::files(other)? {
        return Err(Failure::new(format!("{} and {} have other files", one.display(), other.display())));
    }
    for file in files {
        let read = |folder: &Path| std::fs::read(folder.join(&file)).with_path(&file);
        if read(one)? != read(other)? {
            return Err(Failure::new(format!("{} differs if it is made again", file.display())));
        }
    }
    Ok(())
}
