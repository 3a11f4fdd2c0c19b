//! Checks that doc comments are wrapped: rustfmt wraps code only.

use crate::failure::{Failure, Result, WithPath};
use crate::project;

/// The most columns of a line of a doc comment.
const MAX_COLUMNS: usize = 100;

pub fn check() -> Result {
    let folder = project::root().join("src");
    let mut wide = 0_usize;
    for file in project::files(&folder)? {
        let path = folder.join(&file);
        for (number, columns) in wide_lines(&std::fs::read_to_string(&path).with_path(&path)?) {
            println!("src/{}:{number}: {columns} columns", file.display());
            wide += 1;
        }
    }
    if wide == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{wide} line(s) of doc comments have more than {MAX_COLUMNS} columns")))
}

/// The number and the columns of each line of a doc comment that is too wide.
fn wide_lines(source: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let is_doc = |line: &str| ["///", "//!"].iter().any(|mark| line.trim_start().starts_with(mark));
    let lines = (1..).zip(source.lines()).filter(move |(_, line)| is_doc(line));
    lines.map(|(number, line)| (number, line.chars().count())).filter(|(_, columns)| *columns > MAX_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::wide_lines;

    #[test]
    fn only_doc_comments_of_more_than_100_columns_are_wide() {
        let text = "é".repeat(96);
        let source =
            format!("/// {text}\n    /// {text}\n//! {text}x\n// {text}{text}\nlet x = 1; // {text}\n");
        assert_eq!(wide_lines(&source).collect::<Vec<_>>(), [(2, 104), (3, 101)]);
    }
}
