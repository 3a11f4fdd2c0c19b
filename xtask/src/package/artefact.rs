//! One artefact of a Maven repository: its files, its POM, its Gradle module metadata, and the
//! checksums of all of them.

use super::{gradle, pom};
use crate::checksums;
use crate::failure::{Result, WithPath};
use crate::kotlin_classes::Module;
use std::path::{Path, PathBuf};

pub const GROUP: &str = "dev.tinycounter";

/// A module that an artefact needs: group, name and version.
pub type Dependency = (&'static str, &'static str, &'static str);

pub struct Artefact {
    pub name: &'static str,
    pub description: &'static str,
    pub platform: Platform,
    pub dependencies: &'static [Dependency],
    /// What its classes, sources and documentation are those of.
    pub module: Module,
}

/// The archives of an artefact.
pub struct Archives {
    /// The file that a build uses.
    pub library: PathBuf,
    pub sources: PathBuf,
    /// Missing in a quick check.
    pub docs: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// An AAR with the native libraries of phones.
    Android,
    /// A JAR with the native libraries of desktops.
    Jvm,
    /// A JAR without a native library.
    Both,
}

impl Platform {
    /// The packaging in a POM, and the extension of the library.
    pub fn packaging(self) -> &'static str {
        match self {
            Self::Android => "aar",
            Self::Jvm | Self::Both => "jar",
        }
    }
}

/// What a file of an artefact is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Library,
    Sources,
    Docs,
}

/// A file of an artefact in the repository.
pub struct Published {
    pub role: Role,
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Artefact {
    /// Writes the artefact below the root folder of a repository.
    pub fn publish(&self, archives: &Archives, repository: &Path, version: &str) -> Result {
        let parent = repository.join(GROUP.replace('.', "/")).join(self.name);
        let folder = parent.join(version);
        std::fs::create_dir_all(&folder).with_path(&folder)?;
        let stem = format!("{}-{version}", self.name);
        let files = self.files(archives, &stem)?;
        for file in &files {
            write(&folder.join(&file.name), &file.bytes)?;
        }
        write(&folder.join(format!("{stem}.pom")), pom::text(self, version).as_bytes())?;
        write(&folder.join(format!("{stem}.module")), gradle::text(self, version, &files)?.as_bytes())?;
        write(&parent.join("maven-metadata.xml"), pom::versions(self.name, version).as_bytes())
    }

    fn files(&self, archives: &Archives, stem: &str) -> Result<Vec<Published>> {
        let library = (Role::Library, format!("{stem}.{}", self.platform.packaging()), &archives.library);
        let sources = (Role::Sources, format!("{stem}-sources.jar"), &archives.sources);
        // Maven's name for documentation of any language.
        let docs = archives.docs.iter().map(|docs| (Role::Docs, format!("{stem}-javadoc.jar"), docs));
        [library, sources]
            .into_iter()
            .chain(docs)
            .map(|(role, name, path)| {
                Ok(Published { role, name, bytes: std::fs::read(path).with_path(path)? })
            })
            .collect()
    }
}

/// Writes a file with its checksums next to it.
fn write(path: &Path, bytes: &[u8]) -> Result {
    std::fs::write(path, bytes).with_path(path)?;
    for (kind, sum) in checksums::ALL {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{kind}"));
        std::fs::write(&name, sum(bytes)).with_path(Path::new(&name))?;
    }
    Ok(())
}
