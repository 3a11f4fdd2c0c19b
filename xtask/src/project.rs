//! Folders and features of the project.

use crate::failure::{Failure, Result, WithPath};
use std::path::{Path, PathBuf};

/// The features of the phone builds: the interface, and those that an app names in the variable
/// `TINY_COUNTER_FEATURES`, for example `sync-key`. `calendar` is not needed, because the app
/// passes the time zone.
pub fn phone_features() -> [String; 3] {
    interface_and(&std::env::var(FEATURES).unwrap_or_default())
}

/// The variable with the features that an app adds to the phone builds.
pub const FEATURES: &str = "TINY_COUNTER_FEATURES";

/// The arguments for a build with the interface and other features.
pub fn interface_and(features: &str) -> [String; 3] {
    ["--no-default-features".to_owned(), "--features".to_owned(), format!("ffi,{features}")]
}

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

/// The features of the library in Cargo.toml, except `default`.
pub fn features() -> Result<Vec<String>> {
    let path = root().join("Cargo.toml");
    let manifest = std::fs::read_to_string(&path).with_path(&path)?;
    Ok(names(&manifest))
}

/// The version of the library in Cargo.toml.
pub fn version() -> Result<String> {
    let path = root().join("Cargo.toml");
    let manifest = std::fs::read_to_string(&path).with_path(&path)?;
    let package = manifest.lines().skip_while(|line| line.trim() != "[package]");
    let version = package.filter_map(|line| line.strip_prefix("version = ")).next();
    let version = version.ok_or_else(|| Failure::new("Cargo.toml has no version"))?;
    Ok(version.trim_matches('"').to_owned())
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

/// All files below a folder, as sorted paths relative to it. Empty if the folder is missing.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&next).with_path(&next)? {
            let path = entry.with_path(&next)?.path();
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

/// Creates an empty folder, and removes an existing one with its content.
pub fn empty_folder(folder: &Path) -> Result {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_path(folder)?;
    }
    std::fs::create_dir_all(folder).with_path(folder)
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
