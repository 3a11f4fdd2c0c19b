//! Public functions of the Kotlin and Swift interfaces that no test calls.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Failure, Result, WithPath};
use crate::kotlin_classes::{COROUTINES, JVM};
use crate::project;

const SWIFT: &str = ".build/debug/codecov/TinyCounter.json";
const KOTLIN: &str = "tests/kotlin/target/site/jacoco/jacoco.xml";

/// Where a function begins, and whether a test called it. Several functions can begin in one line,
/// for example the forms of a function with default values.
type Called = BTreeMap<(PathBuf, usize), bool>;

/// Removes the reports of earlier tests.
pub fn forget() {
    for report in [SWIFT, KOTLIN, "tests/kotlin/target/jacoco.exec"] {
        // It is no error that there is none.
        let _ = std::fs::remove_file(project::root().join(report));
    }
}

/// Reads what `swift test --enable-code-coverage` wrote.
///
/// # Errors
/// If a public function of the Swift interface was not called.
pub fn swift() -> Result {
    let file = project::root().join(SWIFT);
    let text = std::fs::read_to_string(&file).with_path(&file)?;
    let report: Value = serde_json::from_str(&text).map_err(|error| Failure::new(error.to_string()))?;
    let mut called = Called::new();
    let functions = report.pointer("/data/0/functions").and_then(Value::as_array);
    for function in functions.into_iter().flatten() {
        let of = |place| function.pointer(place).unwrap_or(&Value::Null);
        let path = PathBuf::from(of("/filenames/0").as_str().unwrap_or_default());
        let line = of("/regions/0/0").as_u64().unwrap_or_default();
        if path.starts_with(project::root().join("ios/Sources")) {
            note(&mut called, path, line, *of("/count") != 0);
        }
    }
    check(&called, |line| line.contains("public "))
}

/// Reads what JaCoCo wrote.
///
/// # Errors
/// If a public function of the Kotlin interface was not called.
pub fn kotlin() -> Result {
    let file = project::root().join(KOTLIN);
    let text = std::fs::read_to_string(&file).with_path(&file)?;
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let report = roxmltree::Document::parse_with_options(&text, options)
        .map_err(|error| Failure::new(error.to_string()))?;
    let mut sources = BTreeMap::new();
    for module in [JVM, COROUTINES] {
        for (folder, file) in module.files()? {
            sources.insert(file.clone(), folder.join(file));
        }
    }
    let mut called = Called::new();
    for method in report.descendants().filter(|node| node.has_tag_name("method")) {
        let of = |name| method.parent().and_then(|class| class.attribute(name)).unwrap_or_default();
        let file = Path::new(of("name")).with_file_name(of("sourcefilename"));
        let source = sources.get(&file).ok_or_else(|| {
            Failure::new(format!("the report of coverage names {}, which is no source", file.display()))
        })?;
        let line = method.attribute("line").and_then(|line| line.parse().ok()).unwrap_or_default();
        let is_called = method.children().any(|counter| {
            counter.attribute("type") == Some("METHOD") && counter.attribute("covered") == Some("1")
        });
        note(&mut called, source.clone(), line, is_called);
    }
    // What a data class holds is public without the word. A local value has no type.
    let is_held = |line: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some("val") && words.next().is_some_and(|name| name.ends_with(':'))
    };
    check(&called, |line| line.contains("public ") || is_held(line))
}

fn note(called: &mut Called, path: PathBuf, line: u64, is_called: bool) {
    *called.entry((path, usize::try_from(line).unwrap_or_default())).or_default() |= is_called;
}

fn check(called: &Called, is_public: impl Fn(&str) -> bool) -> Result {
    // Without any function, the report is not one of this project.
    if called.is_empty() {
        return Err(Failure::new("the report of coverage names no function of the interface"));
    }
    let mut missing = Vec::new();
    for ((path, line), _) in called.iter().filter(|(_, is_called)| !**is_called) {
        let source = declaration(path, *line)?;
        if is_public(&source) {
            missing.push(format!("{}:{line}: {}", path.display(), source.trim()));
        }
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("no test calls these public functions:\n{}", missing.join("\n")))),
    }
}

/// The line in which the declaration begins whose body begins in `line`.
fn declaration(path: &Path, line: usize) -> Result<String> {
    let text = std::fs::read_to_string(path).with_path(path)?;
    let lines: Vec<&str> = text.lines().take(line).collect();
    // Of a declaration in several lines, the last one has less indentation than its parameters.
    let last = lines.last().copied().unwrap_or_default();
    if !last.trim_start().starts_with(')') {
        return Ok(last.to_owned());
    }
    let indentation = last.len() - last.trim_start().len();
    let is_begin = |line: &&&str| {
        let text = line.trim_start();
        !text.is_empty() && !text.starts_with(')') && line.len() - text.len() <= indentation
    };
    Ok(lines.iter().rev().find(is_begin).copied().unwrap_or_default().to_owned())
}
