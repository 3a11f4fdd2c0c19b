//! Stubs of Android's libraries, to link against if there is no NDK.

use crate::failure::{Failure, Result, WithPath};
use crate::run::Run;
use crate::{phone, project};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Symbols of bionic's libc that the libc crate does not declare: memory and string functions, and
/// functions that only compilers call.
const LIBC: &str = "memcpy memmove memset memcmp bcmp strlen __errno __cxa_finalize __cxa_atexit \
    __cxa_thread_atexit_impl __register_atfork __stack_chk_fail abort environ stderr stdout stdin __sF \
    __aeabi_memcpy __aeabi_memcpy4 __aeabi_memcpy8 __aeabi_memmove __aeabi_memmove4 __aeabi_memmove8 \
    __aeabi_memset __aeabi_memset4 __aeabi_memset8 __aeabi_memclr __aeabi_memclr4 __aeabi_memclr8 \
    __gnu_Unwind_Find_exidx dl_unwind_find_exidx __tls_get_addr ___tls_get_addr";

const LIBDL: &str = "dlopen dlclose dlsym dlerror dladdr dl_iterate_phdr";

const LIBLOG: &str = "__android_log_write __android_log_print __android_log_buf_write __android_log_is_loggable \
    __android_log_is_loggable_len";

const LIBM: &str = "ceil floor trunc round rint fma exp exp2 log log2 log10 pow sqrt cbrt fmod sin cos tan asin \
    acos atan atan2 sinh cosh tanh asinh acosh atanh expm1 log1p hypot tgamma lgamma_r ceilf floorf truncf roundf \
    rintf fmaf expf exp2f logf log2f log10f powf sqrtf cbrtf fmodf";

/// The unwinder, which the NDK links statically.
const LIBUNWIND: &str = "_Unwind_RaiseException _Unwind_Resume _Unwind_DeleteException _Unwind_Backtrace \
    _Unwind_GetIP _Unwind_GetIPInfo _Unwind_GetCFA _Unwind_GetGR _Unwind_SetGR _Unwind_SetIP _Unwind_GetRegionStart \
    _Unwind_GetTextRelBase _Unwind_GetDataRelBase _Unwind_GetLanguageSpecificData _Unwind_FindEnclosingFunction \
    _Unwind_VRS_Get _Unwind_VRS_Set __gnu_unwind_frame __aeabi_unwind_cpp_pr0 __aeabi_unwind_cpp_pr1 \
    __aeabi_unwind_cpp_pr2";

/// Writes all stub libraries to a folder.
pub fn create(folder: &Path, emulation: &str) -> Result {
    project::empty_folder(folder)?;
    let in_other_libraries: BTreeSet<&str> =
        LIBDL.split_whitespace().chain(LIBLOG.split_whitespace()).collect();
    let declared = declared()?;
    let libc: BTreeSet<&str> = declared.iter().map(String::as_str).chain(LIBC.split_whitespace()).collect();
    let libc: Vec<&str> = libc.difference(&in_other_libraries).copied().collect();
    let empty = folder.join("libgcc.a");
    std::fs::write(&empty, "!<arch>\n").with_path(&empty)?;
    let lld = lld()?;
    library(&lld, folder, emulation, "libc", &libc)?;
    for (name, symbols) in [("libdl", LIBDL), ("liblog", LIBLOG), ("libm", LIBM), ("libunwind", LIBUNWIND)] {
        library(&lld, folder, emulation, name, &symbols.split_whitespace().collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Writes a shared library that exports these symbols without code.
fn library(lld: &Path, folder: &Path, emulation: &str, name: &str, symbols: &[&str]) -> Result {
    let list = folder.join(format!("{name}.symbols"));
    let text: String = symbols.iter().map(|symbol| format!("--defsym={symbol}=0\n")).collect();
    std::fs::write(&list, text).with_path(&list)?;
    Run::new(lld)
        .args(["-m", emulation, "-shared", "-soname", &format!("{name}.so"), "-o"])
        .arg(folder.join(format!("{name}.so")))
        .arg(folder.join("libgcc.a"))
        .arg(format!("@{}", list.display()))
        .stdout()
        .map(drop)
}

/// The linker that comes with rustc.
fn lld() -> Result<PathBuf> {
    let sysroot = Run::new("rustc").args(["--print", "sysroot"]).stdout()?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(phone::host_triple()?).join("bin/gcc-ld/ld.lld"))
}

/// The functions of bionic that the libc crate declares.
fn declared() -> Result<BTreeSet<String>> {
    let source = libc_crate()?.join("src");
    let linux = source.join("unix/linux_like");
    let mut sources =
        vec![source.join("unix/mod.rs"), linux.join("mod.rs"), linux.join("linux_l4re_shared.rs")];
    for folder in [linux.join("android"), source.join("new/bionic_libc"), source.join("new/common/posix")] {
        sources.extend(project::files(&folder)?.iter().map(|file| folder.join(file)));
    }
    let mut names = BTreeSet::new();
    for source in sources.iter().filter(|source| source.exists()) {
        let text = std::fs::read_to_string(source).with_path(source)?;
        names.extend(text.lines().filter_map(function).map(str::to_owned));
    }
    // POSIX declares it, but bionic does not have it.
    names.remove("pthread_cancel");
    Ok(names)
}

/// The name that a line declares: `open` for `pub fn open(path: *const c_char, ...`.
fn function(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("fn ")?;
    let (name, _) = rest.split_once('(')?;
    name.chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_')
        .then_some(name)
        .filter(|name| !name.is_empty())
}

/// The folder of the libc crate that the lock file names.
fn libc_crate() -> Result<PathBuf> {
    let metadata = Run::cargo("metadata").args(["--format-version", "1"]).stdout()?;
    let manifests = metadata.split("\"manifest_path\":\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let libc = manifests.map(|(path, _)| Path::new(path)).filter_map(Path::parent).find(|folder| {
        folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libc-0.2."))
    });
    libc.map(Path::to_owned).ok_or_else(|| Failure::new("the libc crate is no longer a dependency"))
}

#[cfg(test)]
mod tests {
    use super::function;

    #[test]
    fn function_declarations_are_found() {
        assert_eq!(function("    pub fn open64(path: *const c_char) -> c_int;"), Some("open64"));
        assert_eq!(function("    pub const fn CMSG_ALIGN(len: usize) -> usize {"), Some("CMSG_ALIGN"));
        assert_eq!(function("pub type F = extern \"C\" fn (c_int);"), None);
        assert_eq!(function("const X: c_int = 1;"), None);
    }
}
