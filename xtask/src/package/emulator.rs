//! `cargo xtask emulator`: runs the program of the Maven tests on an Android device or emulator.
//!
//! It needs an NDK and `adb`. The program is shrunk and translated for Android with the rules of the
//! AAR, and calls the library that is built for the device.

use super::test::{consumer, shrinking};
use super::{Extent, Options, archive, maven};
use crate::failure::{Failure, Result, WithPath};
use crate::kotlin_classes::ANDROID;
use crate::native::Profile;
use crate::run::Run;
use crate::{android, project};
use std::path::{Path, PathBuf};

/// A folder of a device in which programs may run.
const ON_DEVICE: &str = "/data/local/tmp/tiny-counter";

pub fn command(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return Err(Failure::new("`emulator` takes no arguments"));
    }
    let abi = Run::new("adb").args(["shell", "getprop ro.product.cpu.abi"]).stdout()?;
    let (kind, library) = android::build(abi.trim())?;
    if !android::has_ndk() {
        return Err(Failure::new(format!("{} is {kind}: set ANDROID_NDK_HOME", library.display())));
    }
    let program = program()?;
    adb(&["shell", &format!("rm -rf {ON_DEVICE} && mkdir -p {ON_DEVICE}")])?;
    for file in [&program, &library] {
        Run::new("adb").arg("push").arg(file).arg(ON_DEVICE).execute()?;
    }
    let file = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let output = Run::new("adb")
        .arg("shell")
        .arg(format!(
            "cd {ON_DEVICE} && dalvikvm -Djava.library.path={ON_DEVICE} -Djava.io.tmpdir={ON_DEVICE} -cp {file} {}",
            shrinking::PROGRAM
        ))
        .stdout()?;
    shrinking::check_output(&output)?;
    adb(&["shell", &format!("rm -rf {ON_DEVICE}")])?;
    println!("{}: ran with the library for {}", shrinking::PROGRAM, abi.trim());
    Ok(())
}

fn adb(arguments: &[&str]) -> Result {
    Run::new("adb").args(arguments).execute()
}

/// The program for Android: shrunk with the classes and the rules of the AAR.
fn program() -> Result<PathBuf> {
    let folder = project::target().join("emulator");
    project::empty_folder(&folder)?;
    let options = Options { profile: Profile::Debug, extent: Extent::Quick, natives: None, url: None };
    let repository = folder.join("maven");
    maven::create(&repository, &options)?;
    let tally = consumer::run(&repository)?;
    if tally.failed > 0 {
        return Err(Failure::new("the program fails on this machine"));
    }
    let aar =
        project::files(&repository)?.into_iter().find(|file| file.extension().is_some_and(|e| e == "aar"));
    let aar = aar.ok_or_else(|| Failure::new("the repository has no AAR"))?;
    let unpacked = folder.join("aar");
    archive::unpack(&repository.join(aar), &unpacked)?;
    let framework = consumer::compiled_with(&ANDROID)?;
    let framework = framework.iter().find(|path| path.to_string_lossy().contains("android-all"));
    let framework = framework.ok_or_else(|| Failure::new("the classes of Android are missing"))?;
    // The JVM artefact has the classes of the AAR without those for Android.
    let mut app = consumer::class_path()?;
    app.retain(|path| !path.to_string_lossy().contains("tiny-counter-jvm"));
    app.push(unpacked.join("classes.jar"));
    let java_home = shrinking::java_home()?;
    let program = folder.join("program.zip");
    shrinking::with_r8(&app, &program, |r8| {
        r8.args(["--min-api", &android::API.to_string(), "--lib"])
            .arg(framework)
            // The classes of Java are not among those of Android here.
            .arg("--lib")
            .arg(java_home)
            .arg("--pg-conf")
            .arg(unpacked.join("proguard.txt"))
    })?;
    classes_dex(&program)?;
    Ok(program)
}

/// Whether the program has code for Android.
fn classes_dex(program: &Path) -> Result {
    let folder = project::target().join("emulator/program");
    archive::unpack(program, &folder)?;
    let code = folder.join("classes.dex");
    std::fs::metadata(&code).with_path(&code).map(drop)
}
