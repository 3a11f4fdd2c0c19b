//! Where things are in the project.

use crate::failure::{About, Result};
use std::path::{Path, PathBuf};

/// What phones ship: the interface and nothing else. The zone comes from the host, so `calendar` stays out.
pub const SHIPPED: [&str; 3] = ["--no-default-features", "--features", "ffi"];

pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

pub fn on_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// The names of the library's features, `default` aside, as the manifest has them.
pub fn features() -> Result<Vec<String>> {
    let path = root().join("Cargo.toml");
    let manifest = std::fs::read_to_string(&path).about(&path)?;
    Ok(names(&manifest))
}

fn names(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !name.starts_with('#') && name != "default")
        .collect()
}

/// Every file below a folder, as paths relative to it, in order. A missing folder has none.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&next).about(&next)? {
            let path = entry.about(&next)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// An empty folder, whatever was there before.
pub fn fresh(folder: &Path) -> Result {
    if folder.exists() {
        std::fs::remove_dir_all(folder).about(folder)?;
    }
    std::fs::create_dir_all(folder).about(folder)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn features_are_read_from_the_manifest() {
        let manifest = "[package]\nname = \"x\"\n\n[features]\ndefault = [\"a\"]\n# Why = so.\na = []\nb-c = [\"dep:d\"]\n\n[lints]\nworkspace = true\n";
        assert_eq!(names(manifest), ["a", "b-c"]);
    }

    #[test]
    fn a_manifest_without_features_has_none() {
        assert!(names("[package]\nname = \"x\"\n").is_empty());
    }
}
