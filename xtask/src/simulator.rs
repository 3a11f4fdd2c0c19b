//! `cargo xtask simulator`: runs the Swift tests in the simulator of iOS. It needs Xcode.

use crate::failure::{Failure, Result};
use crate::ios;
use crate::run::{self, Run};
use crate::swift;

/// Any device that Xcode brings.
const DEVICE: &str = "platform=iOS Simulator,name=";

pub fn command(arguments: &[String]) -> Result {
    if !run::on_path("xcodebuild") {
        return Err(Failure::new("the simulator needs Xcode, on macOS"));
    }
    let name = arguments.first().map_or("iPhone 16", String::as_str);
    let framework = ios::whole()?;
    Run::new("xcodebuild")
        .args(["-scheme", "TinyCounter", "-destination", &format!("{DEVICE}{name}"), "test"])
        .env(swift::LIBRARY, framework)
        .env(swift::DEVELOPMENT, "1")
        .execute()
}
