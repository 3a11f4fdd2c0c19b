//! The compiled Kotlin code of a module. The packages hold the classes that the tests ran with, so
//! nothing is compiled twice.

use crate::checksums;
use crate::failure::{Failure, Result, WithPath};
use crate::kotlin;
use crate::project;
use std::path::{Path, PathBuf};

/// What is compiled as one. Modules of the same project are compiled one after another into the
/// same folder, and the later ones see only what is public in the earlier ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Module {
    /// The name for the compiler, and of the documentation.
    pub name: &'static str,
    /// The folder of the Maven project.
    pub folder: &'static str,
    sources: &'static [&'static str],
}

/// The facade without Android.
pub const JVM: Module = Module {
    name: "tiny-counter",
    folder: "tests/kotlin",
    sources: &["bindings/kotlin", "android/src/main/kotlin"],
};

/// The facade with what needs Android.
pub const ANDROID: Module = Module {
    name: "tiny-counter",
    folder: "tests/kotlin-android",
    sources: &["bindings/kotlin", "android/src/main/kotlin", "android/src/main/kotlin-android"],
};

/// The flows, for both.
pub const COROUTINES: Module = Module {
    name: "tiny-counter-coroutines",
    folder: "tests/kotlin",
    sources: &["android/src/main/kotlin-coroutines"],
};

const ALL: [Module; 3] = [JVM, ANDROID, COROUTINES];

/// A file as a folder and the path below it.
pub type Below = (PathBuf, PathBuf);

impl Module {
    /// The compiled code of the current sources.
    pub fn classes(&self) -> Result<Vec<Below>> {
        if !self.is_compiled(&self.digest()?) {
            self.compiled(|| kotlin::maven(self)?.arg("compile").execute())?;
        }
        let folder = self.output().join("classes");
        let mut own = Vec::new();
        for file in project::files(&folder)? {
            if self.is_of(&folder, &file)? {
                own.push((folder.clone(), file));
            }
        }
        Ok(own)
    }

    /// Runs what compiles the project, and notes from which sources. Maven leaves the classes of
    /// deleted sources in its folder, so the folder of other sources is removed before.
    pub fn compiled<T>(&self, compile: impl FnOnce() -> Result<T>) -> Result<T> {
        let digest = self.digest()?;
        let classes = self.output().join("classes");
        if !self.is_compiled(&digest) && classes.exists() {
            std::fs::remove_dir_all(&classes).with_path(&classes)?;
        }
        let done = compile()?;
        std::fs::write(self.note(), digest).with_path(&self.note())?;
        Ok(done)
    }

    /// The source files.
    pub fn files(&self) -> Result<Vec<Below>> {
        let mut all = Vec::new();
        for folder in self.sources {
            let folder = project::root().join(folder);
            all.extend(project::files(&folder)?.into_iter().map(|file| (folder.clone(), file)));
        }
        Ok(all)
    }

    /// Whether a compiled file is of this module, and not of another one of the project.
    fn is_of(&self, folder: &Path, file: &Path) -> Result<bool> {
        // A class in another one may name the source of what was inlined.
        let path = folder.join(outermost(file));
        let code = std::fs::read(&path).with_path(&path)?;
        for module in self.beside() {
            if module.has(file, &code)? {
                return Ok(module == *self);
            }
        }
        Err(Failure::new(format!("no module has the source of {}", path.display())))
    }

    /// Whether a compiled file comes from the sources of this module. A class has the name of its
    /// source file as a constant. A list of functions has the name of its module.
    fn has(&self, file: &Path, code: &[u8]) -> Result<bool> {
        if file.extension().is_some_and(|extension| extension == "kotlin_module") {
            return Ok(file.file_stem().is_some_and(|name| name == self.name));
        }
        let ends = code.windows(SOURCE.len()).enumerate().filter(|(_, bytes)| *bytes == SOURCE);
        let named: Vec<&[u8]> = ends.filter_map(|(at, _)| code.get(..at + SOURCE.len())).collect();
        Ok(self.files()?.into_iter().any(|(_, source)| {
            let name = constant(&source.file_name().unwrap_or_default().to_string_lossy());
            source.parent() == file.parent() && named.iter().any(|code| code.ends_with(&name))
        }))
    }

    /// The modules of the same project, this one too.
    fn beside(&self) -> impl Iterator<Item = Self> {
        let folder = self.folder;
        ALL.into_iter().filter(move |module| module.folder == folder)
    }

    fn is_compiled(&self, digest: &str) -> bool {
        self.output().join("classes").is_dir()
            && std::fs::read_to_string(self.note()).is_ok_and(|old| old == digest)
    }

    /// Of everything that the project compiles.
    fn digest(&self) -> Result<String> {
        let read = |path: &Path| std::fs::read(path).with_path(path);
        let mut text = checksums::sha256(&read(&project::root().join(self.folder).join("pom.xml"))?);
        for module in self.beside() {
            for (folder, file) in module.files()? {
                text += &format!("\n{} {}", file.display(), checksums::sha256(&read(&folder.join(&file))?));
            }
        }
        Ok(checksums::sha256(text.as_bytes()))
    }

    fn output(&self) -> PathBuf {
        project::root().join(self.folder).join("target")
    }

    fn note(&self) -> PathBuf {
        self.output().join("classes.sha256")
    }
}

/// The class that holds a class in it.
fn outermost(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split_once('$')
        .map_or_else(|| file.to_owned(), |(class, _)| file.with_file_name(format!("{class}.class")))
}

/// How the name of a source file ends.
const SOURCE: &[u8] = b".kt";

/// A short text as a class file has it: a tag, the length in two bytes, the text.
fn constant(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or_default().to_be_bytes();
    [&[1], &length[..], text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiled_file_belongs_to_the_module_of_its_source() {
        let class = |source: &str| [&[9, 9][..], &constant(source), &[7]].concat();
        let functions = outermost(Path::new("dev/tinycounter/FlowsKt$changes$1.class"));
        assert_eq!(functions, Path::new("dev/tinycounter/FlowsKt.class"));
        let functions = functions.as_path();
        assert!(COROUTINES.has(functions, &class("Flows.kt")).unwrap());
        assert!(!JVM.has(functions, &class("Flows.kt")).unwrap());
        let store = Path::new("dev/tinycounter/EventStore.class");
        assert!(JVM.has(store, &class("EventStore.kt")).unwrap());
        assert!(!COROUTINES.has(store, &class("EventStore.kt")).unwrap());
        assert!(!JVM.has(Path::new("other/EventStore.class"), &class("EventStore.kt")).unwrap());
        assert!(!JVM.has(store, &class("NoEventStore.kt")).unwrap());
        let list = Path::new("META-INF/tiny-counter.kotlin_module");
        assert!(JVM.has(list, &[]).unwrap() && !COROUTINES.has(list, &[]).unwrap());
    }
}
