//! `cargo xtask ios`: builds TinyCounterFFI.xcframework for iOS, Mac Catalyst, macOS, tvOS, watchOS
//! and visionOS, and their simulators.
//!
//! Static libraries do not need Apple's linker, and this command writes the framework itself. So it
//! works on every machine, with the same result.

mod privacy;
mod universal;

use crate::failure::{Result, WithPath};
use crate::{phone, project};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const LIBRARY: &str = "libtiny_counter.a";

/// One folder of the framework: a platform with its architectures.
pub struct Slice {
    folder: &'static str,
    platform: &'static str,
    variant: Option<&'static str>,
    /// For each architecture, its Apple name and its Rust target.
    targets: &'static [(&'static str, &'static str)],
}

/// The slice of devices comes first.
static SLICES: [Slice; 10] = [
    Slice { folder: "ios-arm64", platform: "ios", variant: None, targets: &[("arm64", "aarch64-apple-ios")] },
    Slice {
        folder: "ios-arm64_x86_64-simulator",
        platform: "ios",
        variant: SIMULATOR,
        targets: &[("arm64", "aarch64-apple-ios-sim"), ("x86_64", "x86_64-apple-ios")],
    },
    Slice {
        folder: "ios-arm64_x86_64-maccatalyst",
        platform: "ios",
        variant: Some("maccatalyst"),
        targets: &[("arm64", "aarch64-apple-ios-macabi"), ("x86_64", "x86_64-apple-ios-macabi")],
    },
    Slice {
        folder: "macos-arm64_x86_64",
        platform: "macos",
        variant: None,
        targets: &[("arm64", "aarch64-apple-darwin"), ("x86_64", "x86_64-apple-darwin")],
    },
    Slice {
        folder: "tvos-arm64",
        platform: "tvos",
        variant: None,
        targets: &[("arm64", "aarch64-apple-tvos")],
    },
    Slice {
        folder: "tvos-arm64_x86_64-simulator",
        platform: "tvos",
        variant: SIMULATOR,
        targets: &[("arm64", "aarch64-apple-tvos-sim"), ("x86_64", "x86_64-apple-tvos")],
    },
    Slice {
        folder: "watchos-arm64_arm64_32_armv7k",
        platform: "watchos",
        variant: None,
        targets: &[
            ("arm64", "aarch64-apple-watchos"),
            ("arm64_32", "arm64_32-apple-watchos"),
            ("armv7k", "armv7k-apple-watchos"),
        ],
    },
    Slice {
        folder: "watchos-arm64_x86_64-simulator",
        platform: "watchos",
        variant: SIMULATOR,
        targets: &[("arm64", "aarch64-apple-watchos-sim"), ("x86_64", "x86_64-apple-watchos-sim")],
    },
    Slice {
        folder: "xros-arm64",
        platform: "xros",
        variant: None,
        targets: &[("arm64", "aarch64-apple-visionos")],
    },
    // Rust has no target for the simulator on an Intel processor.
    Slice {
        folder: "xros-arm64-simulator",
        platform: "xros",
        variant: SIMULATOR,
        targets: &[("arm64", "aarch64-apple-visionos-sim")],
    },
];

const SIMULATOR: Option<&str> = Some("simulator");

pub fn command(_: &[String]) -> Result {
    println!("{}", whole()?.display());
    Ok(())
}

/// Builds the framework with every slice.
pub fn whole() -> Result<PathBuf> {
    let framework = project::target().join("ios/TinyCounterFFI.xcframework");
    create(all(), &framework)?;
    Ok(framework)
}

/// Every slice.
pub fn all() -> &'static [Slice] {
    &SLICES
}

/// The slice of devices alone.
pub fn devices() -> &'static [Slice] {
    SLICES.split_at(1).0
}

/// Makes a framework of these slices.
pub fn create(slices: &[Slice], framework: &Path) -> Result {
    project::empty_folder(framework)?;
    for slice in slices {
        let folder = framework.join(slice.folder);
        let headers = folder.join("Headers/TinyCounterFFI");
        std::fs::create_dir_all(&headers).with_path(&headers)?;
        let committed = project::root().join("bindings/swift/TinyCounterFFI");
        for file in project::files(&committed)? {
            let from = committed.join(&file);
            std::fs::copy(&from, headers.join(&file)).with_path(&from)?;
        }
        let built = slice
            .targets
            .iter()
            .map(|(arch, target)| Ok((*arch, build(target)?)))
            .collect::<Result<Vec<_>>>()?;
        for (_, library) in &built {
            privacy::check(library)?;
        }
        universal::create(&built, &folder.join(LIBRARY))?;
    }
    let plist = framework.join("Info.plist");
    std::fs::write(&plist, info_plist(slices)).with_path(&plist)
}

/// The part that `test` runs: one architecture, because all of them take minutes.
pub fn check() -> Result {
    privacy::check(&build("aarch64-apple-ios")?)
}

fn build(target: &str) -> Result<PathBuf> {
    let folder = project::target().join("ios/build");
    phone::rustc(target, "staticlib", &folder, "")?
        // The oldest supported systems, as in Package.swift.
        .env("IPHONEOS_DEPLOYMENT_TARGET", "13.0")
        .env("MACOSX_DEPLOYMENT_TARGET", "10.15")
        .env("TVOS_DEPLOYMENT_TARGET", "13.0")
        .env("WATCHOS_DEPLOYMENT_TARGET", "6.0")
        .env("XROS_DEPLOYMENT_TARGET", "1.0")
        .execute()?;
    Ok(folder.join(target).join("release").join(LIBRARY))
}

/// The content of the framework's Info.plist.
fn info_plist(slices: &[Slice]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n<key>AvailableLibraries</key>\n<array>\n",
    );
    for slice in slices {
        let archs: String =
            slice.targets.iter().map(|(arch, _)| format!("<string>{arch}</string>")).collect();
        text.push_str("<dict>\n");
        let mut pair = |key: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "<key>{key}</key><string>{value}</string>");
        };
        pair("BinaryPath", LIBRARY);
        pair("HeadersPath", "Headers");
        pair("LibraryIdentifier", slice.folder);
        pair("LibraryPath", LIBRARY);
        pair("SupportedPlatform", slice.platform);
        if let Some(variant) = slice.variant {
            pair("SupportedPlatformVariant", variant);
        }
        let _ = writeln!(text, "<key>SupportedArchitectures</key><array>{archs}</array>\n</dict>");
    }
    text.push_str(
        "</array>\n<key>CFBundlePackageType</key><string>XFWK</string>\n\
         <key>XCFrameworkFormatVersion</key><string>1.0</string>\n</dict>\n</plist>\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_info_plist_lists_every_slice() {
        let text = info_plist(&SLICES);
        for slice in &SLICES {
            assert!(text.contains(&format!("<key>LibraryIdentifier</key><string>{}</string>", slice.folder)));
            let archs: Vec<_> = slice.targets.iter().map(|(arch, _)| *arch).collect();
            let variant = slice.variant.map(|variant| format!("-{variant}")).unwrap_or_default();
            assert_eq!(slice.folder, format!("{}-{}{variant}", slice.platform, archs.join("_")));
        }
        assert_eq!(text.matches("<dict>").count(), text.matches("</dict>").count());
        assert_eq!(text.matches("SupportedPlatformVariant").count(), 5);
    }
}
