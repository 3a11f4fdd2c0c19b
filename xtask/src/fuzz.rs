//! `cargo xtask fuzz`: runs the fuzz targets in fuzz/, starting with the committed corpus.
//!
//! libFuzzer is compiled from its crate, and the stable compiler contains the coverage pass. So
//! this needs a C++ compiler, but no nightly toolchain. Inputs that make a target fail are written
//! to target/fuzz/found, inputs with new coverage to target/fuzz/corpus.

use crate::failure::{Failure, Result, WithPath};
use crate::report::Report;
use crate::run::{self, Run};
use crate::tally::Tally;
use crate::{apt, phone, project};
use std::path::{Path, PathBuf};

const TARGETS: [&str; 5] = ["log", "formats", "merge", "operations", "rules"];

/// Instruments branches and comparisons for libFuzzer.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The longest input in bytes. Longer inputs only make the search slower.
const MAX_INPUT_BYTES: u32 = 4096;

pub fn command(arguments: &[String]) -> Result {
    let (mut seconds, mut keep, mut targets) = (60, false, Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seconds" => {
                seconds = rest
                    .next()
                    .and_then(|number| number.parse().ok())
                    .ok_or_else(|| Failure::new("--seconds needs a number: the seconds for each target"))?;
            }
            "--keep" => keep = true,
            name => targets.push(*TARGETS.iter().find(|known| **known == name).ok_or_else(|| {
                Failure::new(format!("unknown target `{name}`; use one of {}", TARGETS.join(", ")))
            })?),
        }
    }
    if targets.is_empty() {
        targets.extend(TARGETS);
    }
    let fuzzer = build()?;
    for target in targets {
        if keep { merge_corpus(&fuzzer, target)? } else { search(&fuzzer, target, Extent::Seconds(seconds))? }
    }
    Ok(())
}

/// The number of inputs of the short search. A number instead of a time, so that a fast machine does
/// not search further than the last one. An input of `operations` is a whole life of a store.
fn short_runs(target: &str) -> u32 {
    if target == "operations" { 1_000 } else { 20_000 }
}

/// Runs the corpus and a short search with a fixed seed. This checks that the targets work and that
/// earlier findings stay fixed.
pub fn part(report: &mut Report) {
    let mut fuzzer = None;
    report.check("the fuzzer is built", || {
        fuzzer = Some(build()?);
        Ok(())
    });
    let Some(fuzzer) = fuzzer else { return };
    for target in TARGETS {
        report.tests(&format!("fuzzing, {target}"), || {
            search(&fuzzer, target, Extent::Runs(short_runs(target)))?;
            Ok(Tally { passed: 1, ..Tally::default() })
        });
    }
}

/// Installs a C++ compiler.
pub fn compiler() -> Result {
    if !["c++", "g++", "clang++"].into_iter().any(run::on_path) {
        apt::install("a C++ compiler", &["g++"])?;
    }
    Ok(())
}

/// Builds the program that contains libFuzzer and all targets.
fn build() -> Result<PathBuf> {
    compiler()?;
    // With an explicit target the flags do not apply to build scripts and macros.
    let host = phone::host_triple()?;
    Run::cargo("build")
        .args([
            "--package",
            "tiny-counter-fuzz",
            "--features",
            "engine",
            "--profile",
            "fuzz",
            "--target",
            &host,
        ])
        .env("RUSTFLAGS", COVERAGE)
        .execute()?;
    Ok(project::target().join(host).join("fuzz/fuzz"))
}

/// How far to search.
enum Extent {
    /// This many inputs, from a fixed seed.
    Runs(u32),
    /// From a random seed.
    Seconds(u32),
}

/// Runs the corpus and the earlier findings, then searches.
fn search(fuzzer: &Path, target: &str, extent: Extent) -> Result {
    let (own, kept, found) = folders(target)?;
    let mut run = engine(fuzzer, target).args([own.as_os_str(), kept.as_os_str()]);
    run = run.arg(format!("-artifact_prefix={}/", found.display()));
    run = match extent {
        Extent::Runs(runs) => run.arg("-seed=1").arg(format!("-runs={runs}")),
        Extent::Seconds(seconds) => run.arg(format!("-max_total_time={seconds}")),
    };
    // The timeout reports a hang as a finding.
    run.args(["-timeout=20", "-rss_limit_mb=1024", "-verbosity=0", "-print_funcs=0", "-print_final_stats=1"])
        .execute()
        .map_err(|failure| {
            Failure::new(format!(
                "{failure}\nthe input is in {}; after the fix, move it to fuzz/corpus/{target}",
                found.display()
            ))
        })
}

/// Adds the inputs with new coverage to the committed corpus.
fn merge_corpus(fuzzer: &Path, target: &str) -> Result {
    let (own, kept, _) = folders(target)?;
    engine(fuzzer, target).arg("-set_cover_merge=1").args([kept.as_os_str(), own.as_os_str()]).execute()
}

fn engine(fuzzer: &Path, target: &str) -> Run {
    let run = Run::new(fuzzer).env("TINY_COUNTER_FUZZ", target).arg(format!("-max_len={MAX_INPUT_BYTES}"));
    // A file system in memory makes the targets faster.
    if Path::new("/dev/shm").is_dir() { run.env("TMPDIR", "/dev/shm") } else { run }
}

/// The folders of generated inputs, of the committed corpus, and of findings.
fn folders(target: &str) -> Result<(PathBuf, PathBuf, PathBuf)> {
    let fuzz = project::target().join("fuzz");
    let folders = (
        fuzz.join("corpus").join(target),
        project::root().join("fuzz/corpus").join(target),
        fuzz.join("found").join(target),
    );
    for folder in [&folders.0, &folders.2] {
        std::fs::create_dir_all(folder).with_path(folder)?;
    }
    Ok(folders)
}
