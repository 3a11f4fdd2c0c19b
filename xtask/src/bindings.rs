//! `cargo xtask bindings`: generates the Kotlin and Swift code in bindings/ from src/ffi, and the
//! number by which a facade knows that the library fits the code.

use crate::failure::{Failure, Result, WithPath};
use crate::interface;
use crate::kotlin_code;
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
            std::fs::remove_file(&path).with_path(&path)?;
            println!("removed bindings/{}", old.display());
        }
    }
    for file in wanted {
        if copy_if_changed(&made.join(&file), &place.join(&file))? {
            println!("wrote bindings/{}", file.display());
        }
    }
    let number = interface::rust_file();
    write_if_changed(interface::rust(interface::number(&kotlin(&made))?).as_bytes(), &number)?;
    Ok(())
}

/// The folder of the committed bindings.
pub fn committed() -> PathBuf {
    project::root().join("bindings")
}

/// The Kotlin code that UniFFI generates, in a folder of bindings.
pub fn kotlin(bindings: &Path) -> PathBuf {
    bindings.join("kotlin/dev/tinycounter/internal/tiny_counter.kt")
}

/// Generates the bindings below the target folder, in the layout of the repository. Returns the
/// folder.
///
/// The generator reads metadata from the symbols of the library, so it needs a library that is not
/// stripped and that was built from the current sources.
pub fn generate() -> Result<PathBuf> {
    let library = Native::build(Profile::Debug)?.shared();
    let made = project::target().join("bindings");
    let raw = project::target().join("bindings-raw");
    project::empty_folder(&made)?;
    project::empty_folder(&raw)?;
    Run::cargo("run")
        .args(["--quiet", "--package", "bindgen", "--"])
        .args([library, made.join("kotlin"), raw.clone()])
        .execute()?;
    let module = made.join("swift/TinyCounterFFI");
    copy_if_changed(
        &raw.join("TinyCounterBindings.swift"),
        &made.join("swift/TinyCounterBindings/TinyCounterBindings.swift"),
    )?;
    copy_if_changed(&raw.join("TinyCounterFFI.h"), &module.join("TinyCounterFFI.h"))?;
    copy_if_changed(&project::root().join("src/ffi/direct/tiny_counter.h"), &module.join(DIRECT_HEADER))?;
    let map = raw.join("TinyCounterFFI.modulemap");
    let text = std::fs::read_to_string(&map).with_path(&map)?;
    let map = module.join("module.modulemap");
    std::fs::write(&map, with_direct_header(&without_uses(&text))).with_path(&map)?;
    let code = kotlin(&made);
    let generated = std::fs::read_to_string(&code).with_path(&code)?;
    std::fs::write(&code, kotlin_code::adapted(&generated)?).with_path(&code)?;
    let text = interface::kotlin(interface::number(&code)?);
    write_if_changed(text.as_bytes(), &code.with_file_name("Interface.kt"))?;
    Ok(made)
}

/// The header of the symbols that are not part of UniFFI's interface.
const DIRECT_HEADER: &str = "TinyCounterDirect.h";

fn with_direct_header(modulemap: &str) -> String {
    modulemap.replacen("    export *", &format!("    header \"{DIRECT_HEADER}\"\n    export *"), 1)
}

/// Removes lines such as `use "Darwin"`: they break explicit modules in Xcode, and these modules do
/// not exist on Linux.
fn without_uses(modulemap: &str) -> String {
    modulemap
        .lines()
        .filter(|line| !line.trim_start().starts_with("use "))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Copies a file if its content differs, so that its modification time causes no needless build.
/// Returns whether it was copied.
fn copy_if_changed(from: &Path, to: &Path) -> Result<bool> {
    write_if_changed(&std::fs::read(from).with_path(from)?, to)
}

/// Writes a file if its content differs. Returns whether it was written.
fn write_if_changed(bytes: &[u8], to: &Path) -> Result<bool> {
    if std::fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    let folder = to.parent().ok_or_else(|| Failure::new(format!("{} is not a file path", to.display())))?;
    std::fs::create_dir_all(folder).with_path(folder)?;
    std::fs::write(to, bytes).with_path(to)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{with_direct_header, without_uses};

    #[test]
    fn the_module_map_has_both_headers() {
        let map = "module A {\n    header \"A.h\"\n    export *\n}\n";
        let both = "module A {\n    header \"A.h\"\n    header \"TinyCounterDirect.h\"\n    export *\n}\n";
        assert_eq!(with_direct_header(map), both);
    }

    #[test]
    fn the_module_map_uses_no_system_module() {
        let map = "module A {\n    header \"A.h\"\n    export *\n    use \"Darwin\"\n    use \"_Builtin_stdint\"\n}\n";
        assert_eq!(without_uses(map), "module A {\n    header \"A.h\"\n    export *\n}\n");
    }
}
