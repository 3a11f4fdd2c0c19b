//! `cargo xtask android [ABI...]`: the library for Android.
//!
//! With an NDK its compiler links: that is what a release ships. Without one the same code is linked by rustc's own
//! linker against stand-ins for Android's libraries: a check build. It shows that an ABI compiles and links, that
//! nothing but Android's own libraries is called, and how large the result is. It is not for a device: it has no
//! unwinder in it.

mod stand_ins;

use crate::failure::{About, Failure, Result};
use crate::{elf, phone, project};
use std::path::{Path, PathBuf};

/// The oldest Android that is served, as in android/build.gradle.kts.
const API: u32 = 26;

/// Devices with pages of 16 KB load nothing that is aligned to less.
const PAGE: u64 = 16 * 1024;

struct Abi {
    name: &'static str,
    target: &'static str,
    /// The NDK's name for its compiler, where it is not the target's.
    clang: &'static str,
    emulation: &'static str,
}

const ABIS: [Abi; 4] = [
    Abi {
        name: "arm64-v8a",
        target: "aarch64-linux-android",
        clang: "aarch64-linux-android",
        emulation: "aarch64linux",
    },
    Abi {
        name: "armeabi-v7a",
        target: "armv7-linux-androideabi",
        clang: "armv7a-linux-androideabi",
        emulation: "armelf_linux_eabi",
    },
    Abi {
        name: "x86_64",
        target: "x86_64-linux-android",
        clang: "x86_64-linux-android",
        emulation: "elf_x86_64",
    },
    Abi { name: "x86", target: "i686-linux-android", clang: "i686-linux-android", emulation: "elf_i386" },
];

pub fn command(arguments: &[String]) -> Result {
    let all = ABIS.map(|abi| abi.name.to_owned());
    for name in if arguments.is_empty() { all.as_slice() } else { arguments } {
        let (kind, library) = build(name)?;
        let bytes = std::fs::metadata(&library).about(&library)?.len();
        println!("{}: {bytes} bytes, {kind}", library.display());
    }
    Ok(())
}

/// Builds one ABI into its folder below target/android, as Gradle's jniLibs wants it, and tells how.
pub fn build(name: &str) -> Result<(&'static str, PathBuf)> {
    let abi = ABIS.iter().find(|abi| abi.name == name);
    let abi = abi.ok_or_else(|| {
        Failure::new(format!("no ABI `{name}`; there are {}", ABIS.map(|a| a.name).join(", ")))
    })?;
    let (kind, folder, made) = match ndk() {
        Some(ndk) => ("for devices", "jniLibs", with_ndk(abi, &ndk)?),
        None => ("a check build, not for a device", "check-build", without_ndk(abi)?),
    };
    let page = elf::page(&made)?;
    if page < PAGE {
        return Err(Failure::new(format!(
            "{}: segments are aligned to {page}, not to {PAGE}",
            made.display()
        )));
    }
    let folder = project::target().join("android").join(folder).join(abi.name);
    std::fs::create_dir_all(&folder).about(&folder)?;
    let library = folder.join("libtiny_counter.so");
    std::fs::copy(&made, &library).about(&made)?;
    Ok((kind, library))
}

fn ndk() -> Option<PathBuf> {
    ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"].iter().find_map(std::env::var_os).map(PathBuf::from)
}

fn with_ndk(abi: &Abi, ndk: &Path) -> Result<PathBuf> {
    let hosts = ndk.join("toolchains/llvm/prebuilt");
    let host = std::fs::read_dir(&hosts).about(&hosts)?.next();
    let host = host.ok_or_else(|| Failure::new(format!("{} is empty", hosts.display())))?.about(&hosts)?;
    let linker = host.path().join("bin").join(format!("{}{API}-clang", abi.clang));
    let flags = format!("-Cstrip=symbols -Clink-arg=-Wl,-z,defs,-z,max-page-size={PAGE}");
    link(abi, &project::target().join("android/ndk"), &linker, &flags)
}

fn without_ndk(abi: &Abi) -> Result<PathBuf> {
    let stand_ins = project::target().join("android/stand-ins").join(abi.target);
    stand_ins::make(&stand_ins, abi.emulation)?;
    let flags = format!(
        "-Cstrip=symbols -Clinker-flavor=ld.lld -Lnative={} -Clink-arg=-zmax-page-size={PAGE} -Clink-arg=-zdefs \
         -Clink-arg=--defsym=__dso_handle=0 -Clink-arg=-m{}",
        stand_ins.display(),
        abi.emulation
    );
    link(abi, &project::target().join("android/check"), Path::new("rust-lld"), &flags)
}

fn link(abi: &Abi, folder: &Path, linker: &Path, flags: &str) -> Result<PathBuf> {
    phone::rustc(abi.target, "cdylib", folder)?
        .env(&variable(abi, "LINKER"), linker)
        .env(&variable(abi, "RUSTFLAGS"), flags)
        .go()?;
    Ok(folder.join(abi.target).join("release/libtiny_counter.so"))
}

fn variable(abi: &Abi, what: &str) -> String {
    format!("CARGO_TARGET_{}_{what}", abi.target.to_uppercase().replace('-', "_"))
}
