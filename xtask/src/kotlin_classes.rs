//! The compiled Kotlin code of a module. The packages hold the classes that the tests ran with, so
//! nothing is compiled twice.

use crate::checksums;
use crate::failure::{Result, WithPath};
use crate::kotlin;
use crate::project;
use std::path::{Path, PathBuf};

/// A Maven project that compiles the facade, and what it compiles.
pub struct Module {
    /// The folder of the project.
    pub folder: &'static str,
    sources: &'static [&'static str],
}

/// The facade without Android.
pub const JVM: Module =
    Module { folder: "tests/kotlin", sources: &["bindings/kotlin", "android/src/main/kotlin"] };

/// The facade with what needs Android.
pub const ANDROID: Module = Module {
    folder: "tests/kotlin-android",
    sources: &["bindings/kotlin", "android/src/main/kotlin", "android/src/main/kotlin-android"],
};

impl Module {
    /// The folder with the compiled code of the current sources.
    pub fn classes(&self) -> Result<PathBuf> {
        if !self.is_compiled(&self.digest()?) {
            self.compiled(|| kotlin::maven(self)?.arg("compile").execute())?;
        }
        Ok(self.output().join("classes"))
    }

    /// Runs what compiles the module, and notes from which sources. Maven leaves the classes of
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

    /// The source files, each as its folder and its path below it.
    pub fn files(&self) -> Result<Vec<(PathBuf, PathBuf)>> {
        let mut all = Vec::new();
        for folder in self.sources {
            let folder = project::root().join(folder);
            all.extend(project::files(&folder)?.into_iter().map(|file| (folder.clone(), file)));
        }
        Ok(all)
    }

    fn is_compiled(&self, digest: &str) -> bool {
        self.output().join("classes").is_dir()
            && std::fs::read_to_string(self.note()).is_ok_and(|old| old == digest)
    }

    fn digest(&self) -> Result<String> {
        let read = |path: &Path| std::fs::read(path).with_path(path);
        let mut text = checksums::sha256(&read(&project::root().join(self.folder).join("pom.xml"))?);
        for (folder, file) in self.files()? {
            text += &format!("\n{} {}", file.display(), checksums::sha256(&read(&folder.join(&file))?));
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
