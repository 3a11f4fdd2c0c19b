//! Opens the artefacts of the repository, and compares them with their checksums and metadata.

use crate::failure::{Failure, Result, WithPath};
use crate::package::archive;
use crate::package::artefacts::ALL;
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

/// What the artefact with the flows has beside its classes.
const FLOWS: [&str; 6] = [
    "META-INF/LICENSE-APACHE",
    "META-INF/LICENSE-MIT",
    "META-INF/com.android.tools/proguard/tiny-counter-coroutines.pro",
    "META-INF/com.android.tools/r8/tiny-counter-coroutines.pro",
    "META-INF/proguard/tiny-counter-coroutines.pro",
    "META-INF/tiny-counter-coroutines.kotlin_module",
];

/// The classes of the flows. That of the functions, and those of their lambdas.
const FLOWS_CLASS: &str = "dev/tinycounter/FlowsKt.class";
const FLOWS_LAMBDAS: &str = "dev/tinycounter/FlowsKt$";

/// Where the artefacts with the interface have the class that Java and Kotlin begin with.
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
    with("pom").try_for_each(|file| dependencies(&repository.join(file)))?;
    // Each artefact has a library, sources, a POM and metadata, and there is a list of versions.
    expect(sums == ALL.len() * 5 * checksums::ALL.len(), repository, "has another number of checksums")?;
    // The library for two usages, and the sources.
    expect(entries == ALL.len() * 3, repository, "has another number of files in its metadata")?;
    for file in with("aar") {
        aar(&repository.join(file))?;
    }
    expect(with("aar").count() == 1, repository, "has no AAR")?;
    // Sources of each, and the libraries that are no AAR.
    expect(with("jar").count() == 2 * ALL.len() - 1, repository, "has another number of JARs")?;
    let mut jars = with("jar").map(|file| repository.join(file));
    jars.try_for_each(|path| jar(&path))
}

/// Looks for the flows where they must be, and only there.
fn jar(path: &Path) -> Result {
    let folder = super::folder().join("jar");
    archive::unpack(path, &folder)?;
    let files = project::files(&folder)?;
    let files: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_sources = name.ends_with("-sources.jar");
    if !name.starts_with("tiny-counter-coroutines") {
        let store = if is_sources { "dev/tinycounter/EventStore.kt" } else { STORE };
        expect(files.iter().any(|file| file == store), path, &format!("has no {store}"))?;
        return expect(!files.iter().any(|file| file.contains("Flows")), path, "has the flows");
    }
    if is_sources {
        let wanted = ["META-INF/LICENSE-APACHE", "META-INF/LICENSE-MIT", "dev/tinycounter/Flows.kt"];
        return expect(files == wanted, path, &format!("holds {files:?}"));
    }
    let others: Vec<_> =
        files.iter().filter(|file| *file != FLOWS_CLASS && !file.starts_with(FLOWS_LAMBDAS)).collect();
    expect(others == FLOWS.iter().collect::<Vec<_>>(), path, &format!("holds {others:?} beside the flows"))?;
    expect(files.iter().any(|file| file == FLOWS_CLASS), path, "has no flows")
}

/// The flows must work with both artefacts that have the interface, so they depend on none of them.
fn dependencies(path: &Path) -> Result {
    let pom = std::fs::read_to_string(path).with_path(path)?;
    let of = |text: &str| pom.matches(text).count();
    let flows = path.to_string_lossy().contains("tiny-counter-coroutines");
    expect(of("<artifactId>tiny-counter") == 1, path, "depends on another artefact of this repository")?;
    expect(of("<artifactId>kotlin-stdlib<") == 1, path, "does not depend on the standard library")?;
    let coroutines = of("<artifactId>kotlinx-coroutines-core<");
    expect(coroutines == usize::from(flows), path, "depends on coroutines, or the flows do not")
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
    expect(classes.join("dev/tinycounter/AppStore.class").is_file(), path, "has no class AppStore")?;
    expect(!classes.join(FLOWS_CLASS).exists(), path, "has the flows")
}

fn expect(is_so: bool, path: &Path, otherwise: &str) -> Result {
    if is_so { Ok(()) } else { Err(Failure::new(format!("{} {otherwise}", path.display()))) }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_path(path)
}
