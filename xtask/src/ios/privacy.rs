//! Checks PrivacyInfo.xcprivacy: Apple requires a reason in it for some system calls. The symbols
//! of the library show which of them it uses.

use crate::failure::{Failure, Result, WithPath};
use crate::project;
use std::path::Path;

/// The calls of each category that a Rust library could use.
const CATEGORIES: [(&str, &[&str]); 3] = [
    (
        "NSPrivacyAccessedAPICategoryFileTimestamp",
        &[
            "stat",
            "fstat",
            "fstatat",
            "lstat",
            "getattrlist",
            "getattrlistbulk",
            "fgetattrlist",
            "getattrlistat",
        ],
    ),
    ("NSPrivacyAccessedAPICategorySystemBootTime", &["mach_absolute_time"]),
    ("NSPrivacyAccessedAPICategoryDiskSpace", &["statfs", "statvfs", "fstatfs", "fstatvfs"]),
];

/// Checks that the manifest has a reason for each call that the library uses.
///
/// # Errors
/// If a reason is missing.
pub fn check(library: &Path) -> Result {
    let manifest = project::root().join("ios/Sources/TinyCounter/PrivacyInfo.xcprivacy");
    let text = std::fs::read_to_string(&manifest).with_path(&manifest)?;
    let bytes = std::fs::read(library).with_path(library)?;
    let missing: Vec<_> = used(&bytes).into_iter().filter(|(category, _)| !text.contains(category)).collect();
    match missing.first() {
        None => Ok(()),
        Some((category, call)) => Err(Failure::new(format!(
            "{}: the reason for {call} ({category}) is missing",
            manifest.display()
        ))),
    }
}

/// The category and the name of each call that is in the library's symbol table, in which the name
/// of a C function has a leading underscore and ends with a zero byte.
fn used(library: &[u8]) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for (category, calls) in CATEGORIES {
        for call in calls {
            let name = format!("_{call}\0");
            if library.windows(name.len()).any(|window| window == name.as_bytes()) {
                found.push((category, *call));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::used;

    #[test]
    fn only_whole_names_are_found() {
        assert_eq!(used(b"\0_fstat\0_statfs64\0"), [("NSPrivacyAccessedAPICategoryFileTimestamp", "fstat")]);
        assert!(used(b"\0_open\0statfs\0").is_empty());
    }
}
