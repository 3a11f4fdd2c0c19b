//! An event's name as the path of a file, on any file system.
//!
//! Small letters, digits, `-` and `_` stand for themselves, every other byte is `%` and two hexadecimal digits: so names that differ only in
//! case or in how they write an accent do not meet, and nothing means a folder. What is too long for one name goes on in a folder that is named by its
//! first part and a `+`. Each part begins with `e-`: so none is empty, hidden or reserved.

use std::path::{Component, Path, PathBuf};

/// The longest part of a path. File systems take 255 bytes; an extension and a mark of a temporary file come behind.
const PART: usize = 200;
const BEGINNING: &str = "e-";
const GOES_ON: char = '+';

/// Where an event is kept, below the storage's folder and without the extension.
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
    // All of it is ASCII.
    while let Some((part, more)) = rest.split_at_checked(PART).filter(|(_, more)| !more.is_empty()) {
        path.push(format!("{BEGINNING}{part}{GOES_ON}"));
        rest = more;
    }
    path.push(format!("{BEGINNING}{rest}"));
    path
}

/// The event that is kept there; nothing for a path that `path_of` does not give.
pub(super) fn name_of(path: &Path) -> Option<String> {
    let mut encoded = String::new();
    for part in path.components() {
        let Component::Normal(part) = part else { return None };
        let part = part.to_str()?.strip_prefix(BEGINNING)?;
        encoded.push_str(part.strip_suffix(GOES_ON).unwrap_or(part));
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

/// Whether a folder holds names that go on.
pub(super) fn goes_on(folder: &str) -> bool {
    folder.ends_with(GOES_ON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_comes_back_and_stays_below_its_folder(name in ".{0,300}") {
            let path = path_of(&name);
            prop_assert_eq!(name_of(&path), Some(name));
            for part in path.components() {
                let Component::Normal(part) = part else { panic!("{path:?}") };
                let part = part.to_str().unwrap();
                prop_assert!(part.len() <= 255 - ".sixteen-letters..tmp".len());
                // No system folds the case of these or joins them into other letters, and nothing that begins so is reserved.
                prop_assert!(part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'%' | b'+')));
                prop_assert!(part.starts_with(BEGINNING));
            }
        }
    }

    #[test]
    fn a_long_name_has_no_part_that_means_something() {
        for end in ["nul", "con", "aux", "com1", "e-", "+", "...", "%"] {
            let name = "a".repeat(PART) + end;
            let path = path_of(&name);
            let last = path.file_name().unwrap().to_str().unwrap();
            assert!(last.starts_with(BEGINNING) && path.components().count() == 2, "{path:?}");
            assert_eq!(name_of(&path), Some(name));
        }
        let longest = "é".repeat(512);
        assert_eq!(name_of(&path_of(&longest)), Some(longest));
    }

    #[test]
    fn names_that_a_system_could_take_for_one_have_paths_of_their_own() {
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
    fn names_are_plain_and_odd_ones_are_safe() {
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
