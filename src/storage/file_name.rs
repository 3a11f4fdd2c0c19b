//! Encodes an event's name as a file path that is valid and unique on every file system.
//!
//! Lowercase ASCII letters, digits, `-` and `_` stand for themselves; every other byte becomes `%`
//! and two hexadecimal digits. So names that differ only in case or in Unicode normalization get
//! different paths, and no name contains a path separator. A name that is too long for one file
//! name is split: all parts but the last are folders, whose names end with `+`. Each part begins
//! with `e-`, so that no part is empty, hidden or a reserved name.

use std::path::{Component, Path, PathBuf};

use crate::bounds::MAX_FILE_NAME_PART_BYTES;

const PREFIX: &str = "e-";
const CONTINUATION: char = '+';

/// The path of an event's file, relative to the storage's folder and without the extension.
pub(super) fn path_of(name: &str) -> PathBuf {
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    let mut path = PathBuf::new();
    let mut rest = encoded.as_str();
    // The encoded name is ASCII, so a split is never inside a character.
    while let Some((part, more)) =
        rest.split_at_checked(MAX_FILE_NAME_PART_BYTES).filter(|(_, more)| !more.is_empty())
    {
        path.push(format!("{PREFIX}{part}{CONTINUATION}"));
        rest = more;
    }
    path.push(format!("{PREFIX}{rest}"));
    path
}

/// The event whose file has this path; `None` if `path_of` does not return it for any name.
pub(super) fn name_of(path: &Path) -> Option<String> {
    let mut encoded = String::new();
    for part in path.components() {
        let Component::Normal(part) = part else { return None };
        let part = part.to_str()?.strip_prefix(PREFIX)?;
        encoded.push_str(part.strip_suffix(CONTINUATION).unwrap_or(part));
    }
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    let name = String::from_utf8(bytes).ok()?;
    (path_of(&name) == path).then_some(name)
}

/// Whether a folder of this name holds the files of long names.
pub(super) fn is_continued(folder: &str) -> bool {
    folder.ends_with(CONTINUATION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_is_decoded_again_and_its_path_stays_in_the_folder(name in ".{0,300}") {
            let path = path_of(&name);
            prop_assert_eq!(name_of(&path), Some(name));
            for part in path.components() {
                let Component::Normal(part) = part else { panic!("{path:?}") };
                let part = part.to_str().unwrap();
                prop_assert!(part.len() <= 255 - ".sixteen-letters..tmp".len());
                // No file system changes these characters, and no reserved name has this prefix.
                prop_assert!(part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'%' | b'+')));
                prop_assert!(part.starts_with(PREFIX));
            }
        }
    }

    #[test]
    fn no_part_of_a_long_name_is_a_reserved_name() {
        for end in ["nul", "con", "aux", "com1", "e-", "+", "...", "%"] {
            let name = "a".repeat(MAX_FILE_NAME_PART_BYTES) + end;
            let path = path_of(&name);
            let last = path.file_name().unwrap().to_str().unwrap();
            assert!(last.starts_with(PREFIX) && path.components().count() == 2, "{path:?}");
            assert_eq!(name_of(&path), Some(name));
        }
        let longest = "é".repeat(512);
        assert_eq!(name_of(&path_of(&longest)), Some(longest));
    }

    #[test]
    fn names_that_a_file_system_could_confuse_have_different_paths() {
        let names = [
            "a",
            "A",
            "\u{e9}",
            "e\u{301}",
            "\u{c9}",
            "E\u{301}",
            "ss",
            "\u{df}",
            "i",
            "\u{131}",
            "\u{130}",
            "k",
            "\u{212a}",
            "\u{ac00}",
            "\u{1100}\u{1161}",
            "fi",
            "\u{fb01}",
            "a ",
            "a.",
            "a\0",
            "",
            " ",
            "%61",
            "a+",
            "e-a",
        ];
        let mut paths: Vec<PathBuf> = names.map(path_of).into();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), names.len());
        for name in names {
            assert_eq!(name_of(&path_of(name)).as_deref(), Some(name));
        }
    }

    #[test]
    fn simple_names_stay_readable_and_others_are_escaped() {
        for (name, path) in [
            ("app_launch", "e-app_launch"),
            ("", "e-"),
            ("..", "e-%2e%2e"),
            ("NUL", "e-%4e%55%4c"),
            ("a/b", "e-a%2fb"),
            ("aux.txt", "e-aux%2etxt"),
            ("con. ", "e-con%2e%20"),
            ("é", "e-%c3%a9"),
            ("e\u{301}", "e-e%cc%81"),
            ("C:\\x", "e-%43%3a%5cx"),
        ] {
            assert_eq!(path_of(name), Path::new(path));
        }
        for foreign in ["notes", "e-A", "e-%2E", "e-%4", "e-a+", ".e-a.tmp", "../e-a", "e-a+/e-b", "e-a/e-b"]
        {
            assert_eq!(name_of(Path::new(foreign)), None, "{foreign}");
        }
    }
}
