//! What the library adds to the download of an app for Android. `android/README.md` says it, and must
//! say it right.

use super::shrinking;
use crate::failure::{Failure, Result, WithPath};
use crate::package::archive;
use crate::project;
use std::path::Path;

const README: &str = "android/README.md";

/// How far what is stated may be from what is measured: the thousandths of it. An NDK adds an unwinder.
const TOLERANCE: u64 = 100;

/// Compares the readme with the library of the AAR, which [`super::contents::check`] has unpacked, and
/// with the classes of the program that R8 has shrunk.
pub fn check() -> Result {
    let library = super::folder().join("aar/jni/arm64-v8a");
    let classes = super::folder().join("cost");
    archive::unpack(&shrinking::shrunk_by_r8(), &classes)?;
    // An app gets only the classes.
    for file in
        project::files(&classes)?.into_iter().filter(|file| file.extension().is_none_or(|end| end != "class"))
    {
        let file = classes.join(file);
        std::fs::remove_file(&file).with_path(&file)?;
    }
    let readme = project::root().join(README);
    let text = std::fs::read_to_string(&readme).with_path(&readme)?;
    for (what, folder) in
        [("for the library of one ABI", library), ("for the classes that R8 leaves", classes)]
    {
        let bytes = compressed(&folder)?;
        println!("{what}: {bytes} bytes compressed");
        let stated = stated(&text, what)
            .ok_or_else(|| Failure::new(format!("{README} does not say how many kB are {what}")))?;
        if (stated * 1000).abs_diff(bytes) * 1000 > bytes * TOLERANCE {
            return Err(Failure::new(format!("{README} says {stated} kB {what}, but it is {bytes} bytes")));
        }
    }
    Ok(())
}

/// The number in `N kB for ...`, which may stand on two lines.
fn stated(text: &str, what: &str) -> Option<u64> {
    let words: Vec<_> = text.split_whitespace().collect();
    let text = words.join(" ");
    let (before, _) = text.split_once(&format!(" kB {what}"))?;
    before.split_whitespace().next_back()?.parse().ok()
}

/// The size of an archive of a folder.
fn compressed(folder: &Path) -> Result<u64> {
    let packed = super::folder().join("cost.zip");
    archive::create(folder, &packed)?;
    Ok(std::fs::metadata(&packed).with_path(&packed)?.len())
}

#[cfg(test)]
mod tests {
    use super::stated;

    #[test]
    fn the_number_before_the_words_is_found() {
        assert_eq!(stated("about 470 kB for\nthe classes.", "for the classes"), Some(470));
        assert_eq!(stated("many kB for the classes.", "for the classes"), None);
        assert_eq!(stated("470 kB", "for the classes"), None);
    }
}
