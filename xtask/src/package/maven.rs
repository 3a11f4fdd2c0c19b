//! The artefacts of the Maven repository.

use super::artefact::{Artefact, Dependency, Platform};
use super::{Extent, Options, archive, natives};
use crate::failure::{Result, WithPath};
use crate::kotlin_classes::{ANDROID, JVM, Module};
use crate::{android, kotlin, project};
use std::path::{Path, PathBuf};

/// The oldest standard library that the code runs with: the poms compile for this version of Kotlin.
const STANDARD_LIBRARY: Dependency = ("org.jetbrains.kotlin", "kotlin-stdlib", "2.2.21");

const RULES: &str = "android/consumer-rules.pro";

/// The ABI that a quick check packs.
const QUICK_ABI: &str = "arm64-v8a";

/// Writes the repository into an empty folder. Returns its version.
pub fn create(repository: &Path, options: &Options) -> Result<String> {
    let natives = natives::all(options)?;
    let abis = abis(options)?;
    let mut missing = Vec::new();
    if !android::has_ndk() {
        missing
            .push("tiny-counter: an NDK. Set ANDROID_NDK_HOME. A check library cannot be loaded".to_owned());
    }
    if options.extent == Extent::Quick {
        missing.push(format!("tiny-counter: the ABIs other than {QUICK_ABI}, and the API documentation"));
    }
    missing.extend(natives::missing(&natives));
    let version = super::version(&missing)?;
    let stage = Stage::new()?;
    let artefacts = [
        Artefact {
            name: "tiny-counter",
            description: "Counts events on the device and answers questions about them, for Android",
            platform: Platform::Android,
            dependencies: vec![STANDARD_LIBRARY],
            library: stage.aar(&abis)?,
            sources: stage.sources(&ANDROID, "aar")?,
            docs: stage.docs(&ANDROID, "aar", options)?,
        },
        Artefact {
            name: "tiny-counter-jvm",
            description: "Counts events and answers questions about them, for desktops and for unit tests",
            platform: Platform::Jvm,
            dependencies: vec![STANDARD_LIBRARY],
            library: stage.jar(&natives)?,
            sources: stage.sources(&JVM, "jvm")?,
            docs: stage.docs(&JVM, "jvm", options)?,
        },
    ];
    project::empty_folder(repository)?;
    for artefact in &artefacts {
        artefact.publish(repository, &version)?;
    }
    println!("{}: version {version}", repository.display());
    super::explain(&missing);
    Ok(version)
}

/// The name of each ABI and its library.
fn abis(options: &Options) -> Result<Vec<(&'static str, PathBuf)>> {
    let wanted = android::names().into_iter();
    let wanted = wanted.filter(|name| options.extent == Extent::Whole || *name == QUICK_ABI);
    wanted.map(|name| Ok((name, android::build(name)?.1))).collect()
}

/// The folder in which the content of archives is laid out.
struct Stage(PathBuf);

impl Stage {
    fn new() -> Result<Self> {
        let folder = project::target().join("package-stage");
        project::empty_folder(&folder)?;
        Ok(Self(folder))
    }

    fn aar(&self, abis: &[(&str, PathBuf)]) -> Result<PathBuf> {
        let classes = self.folder("classes")?;
        copy_all(&ANDROID.classes()?, &classes)?;
        let aar = self.folder("aar")?;
        archive::create(&classes, &aar.join("classes.jar"))?;
        for (name, library) in abis {
            copy(library, &aar.join("jni").join(name).join("libtiny_counter.so"))?;
        }
        copy(&project::root().join(RULES), &aar.join("proguard.txt"))?;
        write(&aar.join("AndroidManifest.xml"), &manifest())?;
        // The library has no resources.
        write(&aar.join("R.txt"), "")?;
        write(&aar.join("META-INF/com/android/build/gradle/aar-metadata.properties"), AAR_METADATA)?;
        licenses(&aar.join("META-INF"))?;
        self.packed("aar", "aar")
    }

    fn jar(&self, natives: &[natives::Native]) -> Result<PathBuf> {
        let jar = self.folder("jvm")?;
        copy_all(&JVM.classes()?, &jar)?;
        for native in natives {
            copy(&native.library, &jar.join(&native.resource))?;
        }
        // Where ProGuard's plugins and R8 look for the rules of a JAR.
        copy(&project::root().join(RULES), &jar.join("META-INF/proguard/tiny-counter-jvm.pro"))?;
        write(
            &jar.join("META-INF/MANIFEST.MF"),
            "Manifest-Version: 1.0\nAutomatic-Module-Name: dev.tinycounter\n\n",
        )?;
        licenses(&jar.join("META-INF"))?;
        self.packed("jvm", "jar")
    }

    fn sources(&self, module: &Module, name: &str) -> Result<PathBuf> {
        let name = format!("{name}-sources");
        let sources = self.folder(&name)?;
        for (folder, file) in module.files()? {
            copy(&folder.join(&file), &sources.join(&file))?;
        }
        licenses(&sources.join("META-INF"))?;
        self.packed(&name, "jar")
    }

    fn docs(&self, module: &Module, name: &str, options: &Options) -> Result<Option<PathBuf>> {
        if options.extent == Extent::Quick {
            return Ok(None);
        }
        let name = format!("{name}-docs");
        let docs = self.folder(&name)?;
        copy_all(&kotlin::documentation(module)?, &docs)?;
        licenses(&docs.join("META-INF"))?;
        self.packed(&name, "jar").map(Some)
    }

    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.0.join(name);
        project::empty_folder(&folder)?;
        Ok(folder)
    }

    fn packed(&self, name: &str, extension: &str) -> Result<PathBuf> {
        let archive = self.0.join(format!("{name}.{extension}"));
        archive::create(&self.0.join(name), &archive)?;
        Ok(archive)
    }
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
