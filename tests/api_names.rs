//! Every name that `docs/api.md` lists is public in its language.

#![allow(clippy::restriction, clippy::pedantic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ends: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ends, found);
        } else if path.to_str().unwrap().ends_with(ends) {
            found.push(path);
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The words of all public declarations, and the names of parameters.
fn declared(folders: &[&str], ends: &str, public: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| files(&root().join(folder), ends, &mut found));
    assert!(!found.is_empty());
    let mut declared = BTreeSet::new();
    for path in found {
        for line in fs::read_to_string(path).unwrap().lines() {
            let line = line.trim();
            let is_public = line.contains(public) && !line.starts_with("//") && !line.starts_with('*');
            let is_parameter = |word: &&str| line.contains(&format!("{word}:"));
            declared.extend(words(line).filter(|word| is_public || is_parameter(word)).map(str::to_owned));
        }
    }
    declared
}

/// The pieces of code in a cell of a table.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_name_of_the_table_is_public_in_its_language() {
    let languages = [
        // Macros declare some functions, without the word `pub` beside the name.
        ("Rust", declared(&["src"], ".rs", "")),
        (
            "Kotlin",
            declared(
                &[
                    "android/src/main/kotlin",
                    "android/src/main/kotlin-android",
                    "android/src/main/kotlin-coroutines",
                ],
                ".kt",
                "public ",
            ),
        ),
        ("Swift", declared(&["ios/Sources/TinyCounter"], ".swift", "public ")),
    ];
    let page = fs::read_to_string(root().join("docs/api.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    let mut checked = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        for ((language, declared), cell) in languages.iter().zip(&cells[2..5]) {
            for word in code(cell).flat_map(words).filter(|word| *word != "_") {
                assert!(declared.contains(word), "{word} is not public in {language}: {row}");
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked} names were checked");
}
