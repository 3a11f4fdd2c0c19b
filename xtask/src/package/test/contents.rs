//! Opens the artefacts of the repository, and compares them with their checksums and metadata.

use crate::failure::{Failure, Result, WithPath};
use crate::package::archive;
use crate::{android, checksums, elf, project};
use serde_json::Value;
use std::path::Path;

/// What an app's build reads of the AAR.
const AAR: [&str; 6] = [
    "AndroidManifest.xml",
    "META-INF/com/android/build/gradle/aar-metadata.properties",
    "R.txt",
    "classes.jar",
    "jni/arm64-v8a/libtiny_counter.so",
    "proguard.txt",
];

/// Where both artefacts have the class that Java and Kotlin begin with.
pub const STORE: &str = "dev/tinycounter/EventStore.class";

pub fn check(repository: &Path) -> Result {
    let files = project::files(repository)?;
    let with = |extension: &'static str| {
        files.iter().filter(move |file| file.extension().is_some_and(|found| found == extension))
    };
    let (mut sums, mut entries) = (0_usize, 0_usize);
    for (kind, sum) in checksums::ALL {
        for file in with(kind) {
            let path = repository.join(file);
            let noted = std::fs::read_to_string(&path).with_path(&path)?;
            expect(noted == sum(&read(&path.with_extension(""))?), &path, "is not the checksum of its file")?;
            sums += 1;
        }
    }
    for file in with("module") {
        entries += module(&repository.join(file))?;
    }
    // Each artefact has a library, sources, a POM and metadata, and there is a list of versions.
    expect(sums == 2 * 5 * checksums::ALL.len(), repository, "has another number of checksums")?;
    // The library for two usages, and the sources.
    expect(entries == 2 * 3, repository, "has another number of files in its metadata")?;
    for file in with("aar") {
        aar(&repository.join(file))?;
    }
    expect(with("aar").count() == 1, repository, "has no AAR")?;
    expect(with("jar").count() == 3, repository, "has another number of JARs")
}

/// Compares the metadata for Gradle with the files. Returns how many it names.
fn module(path: &Path) -> Result<usize> {
    let metadata: Value =
        serde_json::from_slice(&read(path)?).map_err(|error| Failure::new(error.to_string()))?;
    let variants = metadata.get("variants").and_then(Value::as_array).into_iter().flatten();
    let files =
        variants.flat_map(|variant| variant.get("files").and_then(Value::as_array).into_iter().flatten());
    let mut count = 0;
    for file in files {
        let text = |key| file.get(key).and_then(Value::as_str).unwrap_or_default();
        let bytes = read(&path.with_file_name(text("url")))?;
        expect(file.get("size") == Some(&Value::from(bytes.len())), path, "names another size")?;
        for (kind, sum) in checksums::ALL {
            expect(text(kind) == sum(&bytes), path, "names another checksum")?;
        }
        count += 1;
    }
    Ok(count)
}

fn aar(path: &Path) -> Result {
    let folder = super::folder().join("aar");
    archive::unpack(path, &folder)?;
    for name in AAR {
        expect(folder.join(name).is_file(), path, &format!("has no {name}"))?;
    }
    let page = elf::page_alignment(&folder.join("jni/arm64-v8a/libtiny_counter.so"))?;
    expect(page >= android::MIN_PAGE_ALIGNMENT, path, "has a library for smaller pages")?;
    let classes = super::folder().join("classes");
    archive::unpack(&folder.join("classes.jar"), &classes)?;
    expect(classes.join(STORE).is_file(), path, "has no class EventStore")?;
    expect(classes.join("dev/tinycounter/AppStore.class").is_file(), path, "has no class AppStore")
}

fn expect(is_so: bool, path: &Path, otherwise: &str) -> Result {
    if is_so { Ok(()) } else { Err(Failure::new(format!("{} {otherwise}", path.display()))) }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_path(path)
}
