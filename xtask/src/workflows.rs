//! `cargo xtask workflows`: checks .github/workflows with actionlint, which it builds with Go.

use crate::failure::Result;
use crate::run::Run;

/// The checker with its version.
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub fn command(_: &[String]) -> Result {
    Run::new("go").args(["run", ACTIONLINT, "-no-color"]).execute()
}
