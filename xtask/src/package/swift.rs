//! The folder of the Swift package: the sources, the XCFramework as a zip, and a `Package.swift` that
//! takes the zip by its address and its checksum.

use super::stage::{copy, copy_all};
use super::{Extent, Options, archive};
use crate::checksums;
use crate::failure::{Failure, Result, WithPath};
use crate::native::Native;
use crate::{ios, phone, project, run};
use std::path::Path;

/// The line of `Package.swift` that a release fills.
const UNRELEASED: &str = "let release: (address: String, checksum: String)? = nil";

/// Writes the package into an empty folder.
pub fn create(folder: &Path, options: &Options) -> Result {
    let mut missing = Vec::new();
    if !(cfg!(target_os = "macos") && run::on_path("xcodebuild")) {
        missing.push(
            "TinyCounterFFI: Xcode, which alone can tell whether an app links with the framework".to_owned(),
        );
    }
    if options.extent == Extent::Quick {
        missing.push("TinyCounterFFI: all systems but iOS on a device".to_owned());
    }
    if options.url.is_none() {
        missing.push("Package.swift: the address at which the zip will be, without the version and the name. Name it with --url".to_owned());
    }
    let version = super::version(&missing)?;
    project::empty_folder(folder)?;
    for name in ["ios/Sources", "bindings/swift"] {
        copy_all(&project::root().join(name), &folder.join(name))?;
    }
    for name in ["ios/README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&project::root().join(name), &folder.join(name))?;
    }
    let name = format!("TinyCounterFFI-{version}.xcframework.zip");
    let zip = folder.join(&name);
    archive::create(&framework(options)?, &zip)?;
    let checksum = checksums::sha256(&std::fs::read(&zip).with_path(&zip)?);
    let sum = folder.join(format!("{name}.sha256"));
    std::fs::write(&sum, format!("{checksum}  {name}\n")).with_path(&sum)?;
    if cfg!(target_os = "linux") {
        linux(folder, options)?;
    }
    let path = project::root().join("Package.swift");
    let text = std::fs::read_to_string(&path).with_path(&path)?;
    let address = options
        .url
        .as_ref()
        .map_or(name.clone(), |url| format!("{}/{version}/{name}", url.trim_end_matches('/')));
    let path = folder.join("Package.swift");
    std::fs::write(&path, released(&text, &address, &checksum)?).with_path(&path)?;
    println!("{}: version {version}, {name} has the checksum {checksum}", folder.display());
    super::explain(&missing);
    Ok(())
}

/// The folder that holds nothing but the XCFramework.
fn framework(options: &Options) -> Result<std::path::PathBuf> {
    let folder = project::target().join(match options.extent {
        Extent::Whole => "ios/whole",
        Extent::Quick => "ios/quick",
    });
    project::empty_folder(&folder)?;
    let slices = if options.extent == Extent::Whole { ios::all() } else { ios::devices() };
    ios::create(slices, &folder.join("TinyCounterFFI.xcframework"))?;
    Ok(folder)
}

/// Linux has no XCFrameworks, so the package holds the library of this machine for it.
fn linux(folder: &Path, options: &Options) -> Result {
    let triple = phone::host_triple()?;
    let processor = triple.split('-').next().unwrap_or_default();
    let library = folder.join(format!("libraries/linux-{processor}/libtiny_counter.a"));
    copy(&Native::build(options.profile)?.archive(), &library)
}

/// The `Package.swift` of a release.
fn released(text: &str, address: &str, checksum: &str) -> Result<String> {
    if !text.lines().any(|line| line == UNRELEASED) {
        return Err(Failure::new(format!("Package.swift has no line `{UNRELEASED}`")));
    }
    let end = UNRELEASED.trim_end_matches("nil");
    Ok(text.replace(UNRELEASED, &format!("{end}(\n    \"{address}\",\n    \"{checksum}\"\n)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_of_the_project_takes_an_address_and_a_checksum() {
        let text = std::fs::read_to_string(project::root().join("Package.swift")).unwrap();
        let filled = released(&text, "https://host/a.zip", "abc").unwrap();
        assert!(filled.contains("= (\n    \"https://host/a.zip\",\n    \"abc\"\n)\n"));
        assert!(released(&filled, "", "").is_err());
    }
}
