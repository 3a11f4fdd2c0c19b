//! Reads the interface out of the built library and writes its Kotlin and Swift sides.
//!
//! A program of its own, because the generator has ten times the dependencies of the library.
//! `cargo xtask bindings` builds the library, runs this and puts the files where they belong.

use std::error::Error;
use uniffi::{GenerateOptions, TargetLanguage};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(library), Some(kotlin), Some(swift)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: bindgen LIBRARY KOTLIN_FOLDER SWIFT_FOLDER".into());
    };
    for (language, folder) in [(TargetLanguage::Kotlin, kotlin), (TargetLanguage::Swift, swift)] {
        uniffi::generate(GenerateOptions {
            languages: vec![language],
            source: library.clone().into(),
            out_dir: folder.into(),
            // The formatters are other people's programs: what they write would differ from machine to machine.
            format: false,
            // A dependency of the tests has our name; with it in sight uniffi.toml would be looked for there.
            metadata_no_deps: true,
            ..GenerateOptions::default()
        })?;
    }
    Ok(())
}
