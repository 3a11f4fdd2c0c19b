//! `cargo xtask bindings`: the Kotlin and Swift sides of the interface in src/ffi, as files in bindings/.

use crate::failure::{About, Failure, Result};
use crate::native::{Native, Profile};
use crate::project;
use crate::run::Run;
use std::path::{Path, PathBuf};

pub fn command(_: &[String]) -> Result {
    let made = generate()?;
    let place = committed();
    let wanted = project::files(&made)?;
    for old in project::files(&place)? {
        if !wanted.contains(&old) {
            let path = place.join(&old);
            std::fs::remove_file(&path).about(&path)?;
            println!("removed bindings/{}", old.display());
        }
    }
    for file in wanted {
        if put(&made.join(&file), &place.join(&file))? {
            println!("wrote bindings/{}", file.display());
        }
    }
    Ok(())
}

/// The folder of the repository that holds them.
pub fn committed() -> PathBuf {
    project::root().join("bindings")
}

/// Writes them below the target folder, laid out as in the repository, and returns that folder.
///
/// The generator reads what the macros left in the symbols of the library, so it needs one that is
/// neither stripped nor older than the sources.
pub fn generate() -> Result<PathBuf> {
    let library = Native::build(Profile::Debug)?.shared();
    let made = project::target().join("bindings");
    let raw = project::target().join("bindings-raw");
    project::fresh(&made)?;
    project::fresh(&raw)?;
    Run::cargo("run")
        .args(["--quiet", "--package", "bindgen", "--"])
        .args([library, made.join("kotlin"), raw.clone()])
        .go()?;
    let module = made.join("swift/TinyCounterFFI");
    put(
        &raw.join("TinyCounterBindings.swift"),
        &made.join("swift/TinyCounterBindings/TinyCounterBindings.swift"),
    )?;
    put(&raw.join("TinyCounterFFI.h"), &module.join("TinyCounterFFI.h"))?;
    let map = raw.join("TinyCounterFFI.modulemap");
    let text = std::fs::read_to_string(&map).about(&map)?;
    let map = module.join("module.modulemap");
    std::fs::write(&map, without_uses(&text)).about(&map)?;
    Ok(made)
}

/// `use "Darwin"` and its like break explicit modules on Xcode and name nothing on Linux.
fn without_uses(modulemap: &str) -> String {
    modulemap
        .lines()
        .filter(|line| !line.trim_start().starts_with("use "))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Copies a file if it differs, so that builds which watch its time do not start anew. Tells whether it did.
fn put(from: &Path, to: &Path) -> Result<bool> {
    let bytes = std::fs::read(from).about(from)?;
    if std::fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    let folder = to.parent().ok_or_else(|| Failure::new(format!("{} is no file", to.display())))?;
    std::fs::create_dir_all(folder).about(folder)?;
    std::fs::write(to, bytes).about(to)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::without_uses;

    #[test]
    fn the_module_map_names_no_system_module() {
        let map = "module A {\n    header \"A.h\"\n    export *\n    use \"Darwin\"\n    use \"_Builtin_stdint\"\n}\n";
        assert_eq!(without_uses(map), "module A {\n    header \"A.h\"\n    export *\n}\n");
    }
}
