//! `cargo xtask simulator`: runs the Swift tests in the simulator of iOS, and compiles the package for
//! the other systems. It needs Xcode.

use crate::failure::{Failure, Result};
use crate::ios;
use crate::run::{self, Run};
use crate::swift;

/// Any device that Xcode brings.
const DEVICE: &str = "platform=iOS Simulator,name=";

/// The systems on which no tests run. The simulator of visionOS has no library for Intel's processors.
const OTHERS: [&str; 4] = [
    "generic/platform=macOS,variant=Mac Catalyst",
    "generic/platform=tvOS Simulator",
    "generic/platform=watchOS Simulator",
    "generic/platform=visionOS Simulator",
];

pub fn command(arguments: &[String]) -> Result {
    if !run::on_path("xcodebuild") {
        return Err(Failure::new("the simulator needs Xcode, on macOS"));
    }
    let name = arguments.first().map_or("iPhone 16", String::as_str);
    let framework = ios::whole()?;
    let xcodebuild = |destination: &str, arguments: &[&str]| {
        Run::new("xcodebuild")
            .args(["-scheme", "TinyCounter", "-destination", destination])
            .args(arguments)
            .env(swift::LIBRARY, &framework)
            .env(swift::DEVELOPMENT, "1")
            .execute()
    };
    xcodebuild(&format!("{DEVICE}{name}"), &["test"])?;
    OTHERS.iter().try_for_each(|destination| xcodebuild(destination, &["build", "ARCHS=arm64"]))
}
