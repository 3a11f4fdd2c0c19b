//! `cargo xtask size`: how large the library is that an app takes along.

use crate::failure::{About, Failure, Result};
use crate::native::{self, Native, Profile};
use crate::test::Report;
use crate::{android, ios};
use std::path::Path;

/// The most that a stripped library may weigh, in bytes (a thousand to the kB).
const LIMIT: u64 = 700_000;

pub fn command(_: &[String]) -> Result {
    host()?;
    phone()
}

pub fn part(report: &mut Report) {
    report.check("size on this machine", host);
    report.check("build and size for Android, arm64", phone);
    report.check("build for iOS, arm64, and its privacy manifest", ios::check);
}

fn host() -> Result {
    let library = Native::build(Profile::Release)?.shared();
    let stripped = library.with_extension("stripped");
    native::strip(&library, &stripped)?;
    check("this machine", &stripped)
}

fn phone() -> Result {
    let (_, library) = android::build("arm64-v8a")?;
    check("Android, arm64", &library)
}

fn check(what: &str, library: &Path) -> Result {
    let bytes = std::fs::metadata(library).about(library)?.len();
    println!("{what}: {bytes} bytes stripped, of at most {LIMIT}");
    if bytes <= LIMIT {
        Ok(())
    } else {
        Err(Failure::new(format!("{what}: {bytes} bytes are more than {LIMIT}")))
    }
}
