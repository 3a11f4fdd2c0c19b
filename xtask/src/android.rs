//! `cargo xtask android [ABI...]`: builds the library for Android.
//!
//! With an NDK, the NDK's compiler links the library: this is the release build. Without an NDK,
//! rustc's own linker links the same code against stub libraries: a check build. It checks that the
//! code compiles and links for the ABI, that it calls only Android's own libraries, and how large
//! the library is. It does not run on a device, because it contains no unwinder.

mod exports;
mod stub_libraries;

use crate::failure::{Failure, Result, WithPath};
use crate::{elf, phone, project};
use std::path::{Path, PathBuf};

/// The lowest supported Android API level, which has `java.time`.
pub const API: u32 = 26;

/// Devices with 16 KB pages only load libraries with at least this segment alignment.
pub const MIN_PAGE_ALIGNMENT: u64 = 16 * 1024;

struct Abi {
    name: &'static str,
    target: &'static str,
    /// The target in the name of the NDK's compiler.
    clang: &'static str,
    /// The `-m` option of the linker.
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
    let all = names().map(str::to_owned);
    for name in if arguments.is_empty() { all.as_slice() } else { arguments } {
        let (kind, library) = build(name)?;
        let bytes = std::fs::metadata(&library).with_path(&library)?.len();
        println!("{}: {bytes} bytes, {kind}", library.display());
    }
    Ok(())
}

/// The names of all ABIs.
pub fn names() -> [&'static str; 4] {
    ABIS.map(|abi| abi.name)
}

/// Whether builds are for devices.
pub fn has_ndk() -> bool {
    ndk().is_some()
}

/// Builds the library for one ABI below target/android, in the layout of Gradle's jniLibs. Returns
/// whether it is for devices, and its path.
pub fn build(name: &str) -> Result<(&'static str, PathBuf)> {
    let abi = ABIS.iter().find(|abi| abi.name == name);
    let abi =
        abi.ok_or_else(|| Failure::new(format!("unknown ABI `{name}`; use one of {}", names().join(", "))))?;
    let (kind, folder, made) = match ndk() {
        Some(ndk) => ("for devices", "jniLibs", with_ndk(abi, &ndk)?),
        None => ("a check build, not for a device", "check-build", without_ndk(abi)?),
    };
    exports::check(&made)?;
    let page = elf::page_alignment(&made)?;
    if page < MIN_PAGE_ALIGNMENT {
        return Err(Failure::new(format!(
            "{}: the segments are aligned to {page} bytes, {MIN_PAGE_ALIGNMENT} are needed",
            made.display()
        )));
    }
    let folder = project::target().join("android").join(folder).join(abi.name);
    std::fs::create_dir_all(&folder).with_path(&folder)?;
    let library = folder.join("libtiny_counter.so");
    std::fs::copy(&made, &library).with_path(&made)?;
    Ok((kind, library))
}

/// A panic has no place in its message. On Android nobody sees such a message: it goes to standard
/// error, and errors of the interface do not have it.
const WITHOUT_PLACES: &str = "-Zlocation-detail=none";

/// Equal functions are linked once. Relocations are packed as Android reads them since API level 23.
const SMALLER: [&str; 2] = ["--icf=all", "--pack-dyn-relocs=android"];

fn ndk() -> Option<PathBuf> {
    ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"].iter().find_map(std::env::var_os).map(PathBuf::from)
}

fn with_ndk(abi: &Abi, ndk: &Path) -> Result<PathBuf> {
    let hosts = ndk.join("toolchains/llvm/prebuilt");
    let host = std::fs::read_dir(&hosts).with_path(&hosts)?.next();
    let host =
        host.ok_or_else(|| Failure::new(format!("{} is empty", hosts.display())))?.with_path(&hosts)?;
    let linker = host.path().join("bin").join(format!("{}{API}-clang", abi.clang));
    let flags = format!(
        "-Cstrip=symbols {WITHOUT_PLACES} -Clinker-flavor=gcc -Clink-arg=-Wl,-z,defs,-z,max-page-size={MIN_PAGE_ALIGNMENT} {}",
        SMALLER.map(|flag| format!("-Clink-arg=-Wl,{flag}")).join(" ")
    );
    link(abi, &project::target().join("android/ndk"), &linker, &flags)
}

fn without_ndk(abi: &Abi) -> Result<PathBuf> {
    let stubs = project::target().join("android/stand-ins").join(abi.target);
    stub_libraries::create(&stubs, abi.emulation)?;
    let flags = format!(
        "-Cstrip=symbols {WITHOUT_PLACES} -Clinker-flavor=ld.lld -Lnative={} -Clink-arg=-zmax-page-size={MIN_PAGE_ALIGNMENT} -Clink-arg=-zdefs \
         -Clink-arg=--defsym=__dso_handle=0 -Clink-arg=-m{} {}",
        stubs.display(),
        abi.emulation,
        SMALLER.map(|flag| format!("-Clink-arg={flag}")).join(" ")
    );
    link(abi, &project::target().join("android/check"), Path::new("rust-lld"), &flags)
}

fn link(abi: &Abi, folder: &Path, linker: &Path, flags: &str) -> Result<PathBuf> {
    exports::with(linker, phone::rustc(abi.target, "cdylib", folder, flags)?)?
        .env(&phone::variable(abi.target, "LINKER"), exports::linker()?)
        .execute()?;
    Ok(folder.join(abi.target).join("release/libtiny_counter.so"))
}
