//! The project's commands: `cargo xtask --help` lists them.
//!
//! Uses the standard library only, so that the first `cargo xtask` in a fresh clone starts within seconds.

mod android;
mod apt;
mod bench;
mod bindings;
mod demo;
mod deny;
mod drift;
mod elf;
mod failure;
mod fuzz;
mod ios;
mod kotlin;
mod lints;
mod native;
mod phone;
mod project;
mod run;
mod rust;
mod setup;
mod size;
mod swift;
mod tally;
mod test;

use failure::{Failure, Result};
use std::process::ExitCode;

/// A command's name, its line in the help, and what runs it with the arguments after its name.
type Entry = (&'static str, &'static str, fn(&[String]) -> Result);

const COMMANDS: &[Entry] = &[
    ("demo", "run the demonstration; needs nothing but Rust", demo::command),
    (
        "test",
        "run every check and test, or parts: lints rust fuzz drift kotlin swift phones [--debug]",
        test::command,
    ),
    ("bindings", "write bindings/ anew from the Rust interface", bindings::command),
    ("drift", "compare bindings/ with what the Rust interface gives", drift::command),
    ("size", "measure what ships, and fail above the limit", size::command),
    ("android", "build the library for Android's four ABIs, or for those named", android::command),
    ("ios", "build the XCFramework for iOS, its simulator and macOS", ios::command),
    (
        "fuzz",
        "search for inputs that break a promise: [--seconds N] [log formats merge operations]",
        fuzz::command,
    ),
    ("bench", "run the benchmarks", bench::command),
    ("deny", "check licences and sources of the dependencies with cargo-deny", deny::command),
    ("setup", "install what the Kotlin, Swift and Android tests need (the others call it)", setup::command),
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
    let done = match COMMANDS.iter().find(|(known, ..)| *known == name) {
        Some((.., command)) => command(rest),
        None => Err(Failure::new(format!("no command `{name}`; `cargo xtask --help` lists them"))),
    };
    match done {
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
