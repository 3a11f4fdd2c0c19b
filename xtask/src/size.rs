//! `cargo xtask size`: measures the library that an app contains.

use crate::failure::{Failure, Result, WithPath};
use crate::native::{self, Native, Profile};
use crate::report::Report;
use crate::{android, ios};
use std::path::Path;

/// The largest allowed size of the stripped library, in bytes, for each ABI of the AAR. An NDK adds its
/// unwinder to what is measured without one.
const ANDROID: [(&str, u64); 4] =
    [(QUICK_ABI, 1_130_000), ("armeabi-v7a", 800_000), ("x86_64", 1_290_000), ("x86", 1_430_000)];
/// The ABI that `test` measures. The others take minutes.
const QUICK_ABI: &str = "arm64-v8a";
/// The same for this machine, with room for an additional question.
const MAX_HOST_BYTES: u64 = 1_460_000;

pub fn command(_: &[String]) -> Result {
    host()?;
    ANDROID.iter().try_for_each(|(abi, limit)| android(abi, *limit))
}

pub fn part(report: &mut Report) {
    report.check("size on this machine", host);
    report.check("build and size for Android, arm64", quick);
    report.check("build for iOS, arm64, and its privacy manifest", ios::check);
}

fn host() -> Result {
    let library = Native::build(Profile::Release)?.shared();
    let stripped = library.with_extension("stripped");
    native::strip(&library, &stripped)?;
    check("this machine", &stripped, MAX_HOST_BYTES)
}

fn quick() -> Result {
    ANDROID.iter().filter(|(abi, _)| *abi == QUICK_ABI).try_for_each(|(abi, limit)| android(abi, *limit))
}

fn android(abi: &str, limit: u64) -> Result {
    let (kind, library) = android::build(abi)?;
    check(&format!("Android, {abi}, {kind}"), &library, limit)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_abi_has_a_bound() {
        assert_eq!(ANDROID.map(|(abi, _)| abi), android::names());
    }
}
