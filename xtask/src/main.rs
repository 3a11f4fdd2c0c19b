//! The project's commands: `cargo xtask --help` lists them.
//!
//! Uses only the standard library, so that the first `cargo xtask` in a new clone starts within
//! seconds.

mod android;
mod apt;
mod bench;
mod beside;
mod bindings;
mod checksums;
mod coverage;
mod demo;
mod deny;
mod doc_width;
mod drift;
mod elf;
mod failure;
mod fuzz;
mod interface;
mod ios;
mod kotlin;
mod kotlin_bindings;
mod kotlin_classes;
mod kotlin_light;
mod lints;
mod native;
mod package;
mod phone;
mod project;
mod release;
mod report;
mod run;
mod rust;
mod setup;
mod simulator;
mod size;
mod swift;
mod tally;
mod test;
mod workflows;

use failure::{Failure, Result};
use std::process::ExitCode;

/// The name of a command, its line in the help, and its function, which receives the arguments.
type Entry = (&'static str, &'static str, fn(&[String]) -> Result);

const COMMANDS: &[Entry] = &[
    ("demo", "run the demo; needs only Rust", demo::command),
    (
        "test",
        "run all checks and tests, or some parts: lints rust fuzz drift kotlin swift phones packages [--debug]",
        test::command,
    ),
    ("bindings", "generate bindings/ from the Rust interface", bindings::command),
    ("drift", "check that bindings/ matches the Rust interface", drift::command),
    ("size", "measure the stripped library, and fail if it is above the limit", size::command),
    ("android", "build the library for all four Android ABIs, or for the named ones", android::command),
    ("ios", "build the XCFramework for all of Apple's systems and their simulators", ios::command),
    (
        "package",
        "make a Maven repository and a Swift package: [maven] [swift] [--natives FOLDER] [--url ADDRESS]",
        package::command,
    ),
    ("native", "build the library of this machine for the JVM package", package::natives::command),
    ("release", "collect the files of a release and its notes: [--publish]", release::command),
    ("workflows", "check .github/workflows; needs Go", workflows::command),
    (
        "emulator",
        "run a shrunk program on an Android device: needs an NDK and adb",
        package::emulator::command,
    ),
    ("simulator", "run the Swift tests in the simulator: [DEVICE]; needs Xcode", simulator::command),
    (
        "fuzz",
        "run the fuzz targets: [--seconds N] [--keep] [log formats merge operations rules]",
        fuzz::command,
    ),
    ("bench", "run the benchmarks", bench::command),
    ("deny", "check licences, bans and sources of the dependencies with cargo-deny", deny::command),
    (
        "setup",
        "install the tools for the Kotlin, Swift and phone builds (other commands do this if needed)",
        setup::command,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = match arguments.split_first() {
        None => ("--help", Default::default()),
        Some((name, rest)) => (name.as_str(), rest),
    };
    if matches!(name, "--help" | "-h" | "help") {
        help();
        return ExitCode::SUCCESS;
    }
    let result = match COMMANDS.iter().find(|(known, ..)| *known == name) {
        Some((.., command)) => command(rest),
        None => {
            Err(Failure::new(format!("unknown command `{name}`; `cargo xtask --help` lists all commands")))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("cargo xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("cargo xtask COMMAND\n");
    for (name, line, _) in COMMANDS {
        println!("    {name:<10} {line}");
    }
}
