//! Runs rustfmt, clippy and rustdoc, with several sets of features, and checks the width of doc
//! comments.

use crate::doc_width;
use crate::failure::Result;
use crate::project;
use crate::report::Report;
use crate::run::Run;

pub fn part(report: &mut Report) {
    report.check("formatting", || Run::new("cargo").args(["fmt", "--all", "--check"]).execute());
    report.check("width of doc comments", doc_width::check);
    report.check("clippy, everything", || clippy(&["--workspace", "--all-targets", "--all-features"]));
    report.check("clippy, no feature", || clippy(&["--all-targets", "--no-default-features"]));
    report.check("the library with no feature and with each feature alone", each_feature_alone);
    report.check("documentation", documentation);
}

fn clippy(arguments: &[&str]) -> Result {
    Run::cargo("clippy").args(["--quiet"]).args(arguments).args(["--", "--deny", "warnings"]).execute()
}

/// Only the library: the dependencies of its tests could enable a missing feature of a dependency.
fn each_feature_alone() -> Result {
    clippy(&["--lib", "--no-default-features"])?;
    for feature in project::features()? {
        clippy(&["--lib", "--no-default-features", "--features", &feature])?;
    }
    Ok(())
}

fn documentation() -> Result {
    Run::cargo("doc")
        .args(["--quiet", "--no-deps", "--all-features"])
        .env("RUSTDOCFLAGS", "--deny warnings")
        .execute()
}
