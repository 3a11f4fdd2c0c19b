//! `cargo xtask drift`: checks that the committed bindings match the current interface.

use crate::bindings;
use crate::failure::{Failure, Result, WithPath};
use crate::interface;
use crate::project;
use std::collections::BTreeSet;
use std::path::Path;

pub fn command(_: &[String]) -> Result {
    check()
}

pub fn check() -> Result {
    let bindings::Made { folder: made, rust_functions } = bindings::generate()?;
    let committed = bindings::committed();
    let mut files: BTreeSet<_> = project::files(&made)?.into_iter().collect();
    files.extend(project::files(&committed)?);
    let mut differing = 0_usize;
    for file in files {
        if let Some(what) = difference(&committed.join(&file), &made.join(&file))? {
            println!("bindings/{}: {what}", file.display());
            differing += 1;
        }
    }
    let number = interface::rust(interface::number(&bindings::kotlin(&made))?);
    for (file, text) in [(interface::rust_file(), number), (bindings::functions_file(), rust_functions)] {
        let committed = std::fs::read_to_string(&file).with_path(&file)?;
        if committed != text {
            println!("{}: {}", file.display(), first_difference(&committed, &text));
            differing += 1;
        }
    }
    if differing == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{differing} generated file(s) out of date; run `cargo xtask bindings`")))
}

fn difference(old: &Path, new: &Path) -> Result<Option<String>> {
    match (old.exists(), new.exists()) {
        (false, _) => return Ok(Some("missing".to_owned())),
        (_, false) => return Ok(Some("no longer generated".to_owned())),
        _ => {}
    }
    let old = std::fs::read_to_string(old).with_path(old)?;
    let new = std::fs::read_to_string(new).with_path(new)?;
    Ok((old != new).then(|| first_difference(&old, &new)))
}

fn first_difference(old: &str, new: &str) -> String {
    let (mut a, mut b) = (old.lines(), new.lines());
    let mut number = 0_usize;
    loop {
        number += 1;
        match (a.next(), b.next()) {
            (None, None) => return "differs in line endings".to_owned(),
            (a, b) if a == b => {}
            (a, b) => {
                let (a, b) = (a.unwrap_or("(end)"), b.unwrap_or("(end)"));
                return format!("differs from line {number} on\n  - {}\n  + {}", a.trim(), b.trim());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_different_line_is_reported() {
        assert_eq!(first_difference("a\nb\nc", "a\nx\nc"), "differs from line 2 on\n  - b\n  + x");
        assert_eq!(first_difference("a", "a\nb"), "differs from line 2 on\n  - (end)\n  + b");
        assert_eq!(first_difference("a\n", "a"), "differs in line endings");
    }
}
