//! Lays out the content of the archives of a Maven repository, and packs it.

use super::artefact::{Archives, Artefact, Platform};
use super::{Extent, archive, natives};
use crate::failure::{Result, WithPath};
use crate::kotlin_classes::Below;
use crate::{android, kotlin, project};
use std::path::{Path, PathBuf};

const RULES: &str = "android/consumer-rules.pro";
const FLOWS_RULES: &str = "android/coroutines-rules.pro";

/// Where ProGuard's plugins look for the rules of a JAR, and R8 if it has none under [`R8_RULES`].
const JAR_RULES: &str = "META-INF/proguard";
/// Where builds for Android look first, with ProGuard and with R8.
const PROGUARD_RULES: &str = "META-INF/com.android.tools/proguard";
const R8_RULES: &str = "META-INF/com.android.tools/r8";

/// The folder in which the content of archives is laid out, and what the archives hold.
pub struct Stage {
    folder: PathBuf,
    /// The name of each ABI and its library.
    abis: Vec<(&'static str, PathBuf)>,
    natives: Vec<natives::Native>,
    extent: Extent,
}

impl Stage {
    pub fn new(
        abis: Vec<(&'static str, PathBuf)>,
        natives: Vec<natives::Native>,
        extent: Extent,
    ) -> Result<Self> {
        let folder = project::target().join("package-stage");
        project::empty_folder(&folder)?;
        Ok(Self { folder, abis, natives, extent })
    }

    /// Makes the archives of an artefact.
    pub fn archives(&self, artefact: &Artefact) -> Result<Archives> {
        let Artefact { name, platform, module, .. } = artefact;
        let library = self.packed(name, platform.packaging(), |content| match platform {
            Platform::Android => self.aar(&module.classes()?, content),
            Platform::Jvm => self.jar(&module.classes()?, content),
            Platform::Both => flows(name, &module.classes()?, content),
        })?;
        let sources =
            self.packed(&format!("{name}-sources"), "jar", |content| copy_each(&module.files()?, content))?;
        let docs = || {
            self.packed(&format!("{name}-docs"), "jar", |content| {
                copy_all(&kotlin::documentation(module)?, content)
            })
        };
        let docs = (self.extent == Extent::Whole).then(docs).transpose()?;
        Ok(Archives { library, sources, docs })
    }

    fn aar(&self, classes: &[Below], aar: &Path) -> Result {
        let folder = self.folder("classes")?;
        copy_each(classes, &folder)?;
        archive::create(&folder, &aar.join("classes.jar"))?;
        for (name, library) in &self.abis {
            copy(library, &aar.join("jni").join(name).join("libtiny_counter.so"))?;
        }
        copy(&project::root().join(RULES), &aar.join("proguard.txt"))?;
        write(&aar.join("AndroidManifest.xml"), &manifest())?;
        // The library has no resources.
        write(&aar.join("R.txt"), "")?;
        write(&aar.join("META-INF/com/android/build/gradle/aar-metadata.properties"), AAR_METADATA)
    }

    fn jar(&self, classes: &[Below], jar: &Path) -> Result {
        copy_each(classes, jar)?;
        for native in &self.natives {
            copy(&native.library, &jar.join(&native.resource))?;
        }
        copy(&project::root().join(RULES), &jar.join(JAR_RULES).join("tiny-counter-jvm.pro"))?;
        write(
            &jar.join("META-INF/MANIFEST.MF"),
            "Manifest-Version: 1.0\nAutomatic-Module-Name: dev.tinycounter\n\n",
        )
    }

    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        project::empty_folder(&folder)?;
        Ok(folder)
    }

    /// Packs what `fill` writes into an empty folder, with the licenses.
    fn packed(&self, name: &str, extension: &str, fill: impl FnOnce(&Path) -> Result) -> Result<PathBuf> {
        let content = self.folder(name)?;
        fill(&content)?;
        licenses(&content.join("META-INF"))?;
        let archive = self.folder.join(format!("{name}.{extension}"));
        archive::create(&content, &archive)?;
        Ok(archive)
    }
}

/// The JAR with the flows. Its rules are for ProGuard only: they would make R8 optimise less.
fn flows(name: &str, classes: &[Below], jar: &Path) -> Result {
    copy_each(classes, jar)?;
    let rules = format!("{name}.pro");
    for folder in [JAR_RULES, PROGUARD_RULES] {
        copy(&project::root().join(FLOWS_RULES), &jar.join(folder).join(&rules))?;
    }
    write(
        &jar.join(R8_RULES).join(&rules),
        "# R8 needs no rules. With this file it reads none that are for ProGuard.\n",
    )
}

/// What an app's build reads first. It names the oldest Android with which the library works, and no
/// permission or component: counts stay in the app's own files.
fn manifest() -> String {
    format!(
        "<manifest xmlns:android=\"http://schemas.android.com/apk/res/android\" package=\"dev.tinycounter\">\n    \
         <uses-sdk android:minSdkVersion=\"{}\" />\n</manifest>\n",
        android::API
    )
}

/// What the plugin of an app's build must have: nothing new.
const AAR_METADATA: &str = "aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=1\nminCompileSdkExtension=0\n\
                            minAndroidGradlePluginVersion=1.0.0\ncoreLibraryDesugaringEnabled=false\n";

fn licenses(folder: &Path) -> Result {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&project::root().join(name), &folder.join(name))?;
    }
    Ok(())
}

fn copy_each(files: &[Below], to: &Path) -> Result {
    files.iter().try_for_each(|(folder, file)| copy(&folder.join(file), &to.join(file)))
}

pub fn copy_all(from: &Path, to: &Path) -> Result {
    project::files(from)?.iter().try_for_each(|file| copy(&from.join(file), &to.join(file)))
}

pub fn copy(from: &Path, to: &Path) -> Result {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).with_path(folder)?;
    }
    std::fs::copy(from, to).with_path(from).map(drop)
}

fn write(path: &Path, text: &str) -> Result {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_path(folder)?;
    }
    std::fs::write(path, text).with_path(path)
}
