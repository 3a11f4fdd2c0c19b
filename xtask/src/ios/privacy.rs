//! Apple wants a reason for each use of some system calls, given in PrivacyInfo.xcprivacy. Whether the library
//! uses one is seen from the names that it asks the system for.

use crate::failure::{About, Failure, Result};
use crate::project;
use std::path::Path;

/// The calls of each category that a library in Rust could make.
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

/// Fails if the library makes a call whose category the manifest does not give a reason for.
pub fn check(library: &Path) -> Result {
    let manifest = project::root().join("ios/Sources/TinyCounter/PrivacyInfo.xcprivacy");
    let text = std::fs::read_to_string(&manifest).about(&manifest)?;
    let bytes = std::fs::read(library).about(library)?;
    let missing: Vec<_> = used(&bytes).into_iter().filter(|(category, _)| !text.contains(category)).collect();
    match missing.first() {
        None => Ok(()),
        Some((category, call)) => {
            Err(Failure::new(format!("{}: no reason is given for {call} ({category})", manifest.display())))
        }
    }
}

/// In a table of symbols a C function's name stands behind an underscore and before a zero byte.
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
    fn whole_names_are_found() {
        assert_eq!(used(b"\0_fstat\0_statfs64\0"), [("NSPrivacyAccessedAPICategoryFileTimestamp", "fstat")]);
        assert!(used(b"\0_open\0statfs\0").is_empty());
    }
}
