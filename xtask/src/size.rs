//! `cargo xtask size`: measures the library that an app contains.

use crate::failure::{Failure, Result, WithPath};
use crate::native::{self, Native, Profile};
use crate::report::Report;
use crate::{android, ios};
use std::path::Path;

/// The largest allowed size of the stripped library for phones, in bytes.
const MAX_PHONE_BYTES: u64 = 1_250_000;
/// The same for this machine. Code for x86-64 takes more bytes than code for arm64. Watching took 13 kB, mostly of the
/// foreign interface.
const MAX_HOST_BYTES: u64 = 1_385_000;

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
    check("this machine", &stripped, MAX_HOST_BYTES)
}

fn phone() -> Result {
    let (_, library) = android::build("arm64-v8a")?;
    check("Android, arm64", &library, MAX_PHONE_BYTES)
}

fn check(what: &str, library: &Path, limit: u64) -> Result {
    let bytes = std::fs::metadata(library).with_path(library)?.len();
    println!("{what}: {bytes} bytes stripped, of at most {limit}");
    if bytes <= limit {
        Ok(())
    } else {
        Err(Failure::new(format!("{what}: {bytes} bytes exceed the limit of {limit}")))
    }
}
