//! `cargo xtask fuzz`: throws bytes at the targets in fuzz/, beginning with the kept corpus.
//!
//! libFuzzer comes from its crate and is compiled here, and the compiler's own coverage pass is part of the stable one: what it takes
//! is a C++ compiler, no other toolchain. What is found goes to target/fuzz/found, what is new for the corpus to target/fuzz/corpus.

use crate::failure::{About, Failure, Result};
use crate::run::{self, Run};
use crate::tally::Tally;
use crate::test::Report;
use crate::{apt, project};
use std::path::{Path, PathBuf};

const TARGETS: [&str; 4] = ["log", "formats", "merge", "operations"];

/// Counts which branches are taken and lets the engine see what is compared.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The longest input in bytes. What longer ones would show, shorter ones do.
const LONGEST: u32 = 4096;

pub fn command(arguments: &[String]) -> Result {
    let (mut seconds, mut keep, mut targets) = (60, false, Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seconds" => {
                seconds = rest
                    .next()
                    .and_then(|number| number.parse().ok())
                    .ok_or_else(|| Failure::new("--seconds is followed by a number, for each target"))?;
            }
            "--keep" => keep = true,
            name => targets.push(*TARGETS.iter().find(|known| **known == name).ok_or_else(|| {
                Failure::new(format!("no target `{name}`; there are {}", TARGETS.join(", ")))
            })?),
        }
    }
    if targets.is_empty() {
        targets.extend(TARGETS);
    }
    let fuzzer = build()?;
    for target in targets {
        if keep { keep_what_is_new(&fuzzer, target)? } else { search(&fuzzer, target, seconds, None)? }
    }
    Ok(())
}

/// The corpus, and a short search beyond it, from the same seed each time: enough to see that the targets work and that what was once
/// found stays found.
pub fn part(report: &mut Report) {
    let mut fuzzer = None;
    report.check("the fuzzer is built", || {
        fuzzer = Some(build()?);
        Ok(())
    });
    let Some(fuzzer) = fuzzer else { return };
    for target in TARGETS {
        report.tests(&format!("fuzzing, {target}"), || {
            search(&fuzzer, target, 4, Some(1))?;
            Ok(Tally { passed: 1, ..Tally::default() })
        });
    }
}

/// The program that holds engine and targets.
fn build() -> Result<PathBuf> {
    if !["c++", "g++", "clang++"].into_iter().any(run::on_path) {
        apt::install("a C++ compiler", &["g++"])?;
    }
    // Naming the target keeps the flags away from build scripts and macros.
    let machine = Run::new("rustc").arg("-vV").read()?;
    let machine = machine.lines().find_map(|line| line.strip_prefix("host: "));
    let machine = machine.ok_or_else(|| Failure::new("rustc does not say what machine this is"))?;
    Run::cargo("build")
        .args([
            "--package",
            "tiny-counter-fuzz",
            "--features",
            "engine",
            "--profile",
            "fuzz",
            "--target",
            machine,
        ])
        .env("RUSTFLAGS", COVERAGE)
        .go()?;
    Ok(project::target().join(machine).join("fuzz/fuzz"))
}

/// Runs the kept corpus and what was found before, then searches on for so long.
fn search(fuzzer: &Path, target: &str, seconds: u32, seed: Option<u32>) -> Result {
    let (own, kept, found) = folders(target)?;
    let mut run = engine(fuzzer, target).args([own.as_os_str(), kept.as_os_str()]);
    run = run.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", found.display()));
    run = run.args(seed.map(|seed| format!("-seed={seed}")));
    // A hang is a finding too.
    run.args(["-timeout=20", "-rss_limit_mb=1024", "-verbosity=0", "-print_funcs=0", "-print_final_stats=1"])
        .go()
        .map_err(|failure| {
            Failure::new(format!(
                "{failure}\nthe input lies in {}: once mended it belongs into fuzz/corpus/{target}",
                found.display()
            ))
        })
}

/// Adds to the kept corpus what reaches something that nothing in it does.
fn keep_what_is_new(fuzzer: &Path, target: &str) -> Result {
    let (own, kept, _) = folders(target)?;
    engine(fuzzer, target).arg("-set_cover_merge=1").args([kept.as_os_str(), own.as_os_str()]).go()
}

fn engine(fuzzer: &Path, target: &str) -> Run {
    let run = Run::new(fuzzer).env("TINY_COUNTER_FUZZ", target).arg(format!("-max_len={LONGEST}"));
    // Memory is a fast disk.
    if Path::new("/dev/shm").is_dir() { run.env("TMPDIR", "/dev/shm") } else { run }
}

/// Where inputs of the engine's own go, where the kept ones are, and where findings go.
fn folders(target: &str) -> Result<(PathBuf, PathBuf, PathBuf)> {
    let fuzz = project::target().join("fuzz");
    let folders = (
        fuzz.join("corpus").join(target),
        project::root().join("fuzz/corpus").join(target),
        fuzz.join("found").join(target),
    );
    for folder in [&folders.0, &folders.2] {
        std::fs::create_dir_all(folder).about(folder)?;
    }
    Ok(folders)
}
