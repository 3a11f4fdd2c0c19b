//! Changes the Kotlin code that UniFFI generates into what the facade needs.
//!
//! - Every declaration becomes `internal`, so that an app sees the facade only. UniFFI has no setting
//!   for it.
//! - A text with an unpaired surrogate is not an error: the character U+FFFD takes the place of the
//!   surrogate, as in Swift. UniFFI throws an exception of another kind than all others.

use crate::failure::{Failure, Result};

/// The words with which a declaration begins.
const DECLARATIONS: [&str; 15] = [
    "abstract",
    "annotation",
    "class",
    "const",
    "data",
    "enum",
    "fun",
    "inline",
    "interface",
    "object",
    "open",
    "sealed",
    "typealias",
    "val",
    "var",
];

/// What UniFFI does with an unpaired surrogate, and what takes its place.
const REPORTED: &str = "onMalformedInput(CodingErrorAction.REPORT)";
const REPLACED: &str = "onMalformedInput(CodingErrorAction.REPLACE).replaceWith(byteArrayOf(0xEF.toByte(), 0xBF.toByte(), 0xBD.toByte()))";
const COMMENT: &str = "// Make sure we don't have invalid UTF-16, check for lone surrogates.";
const NEW_COMMENT: &str = "// An unpaired surrogate becomes U+FFFD.";

/// The code for the facade.
pub fn adapted(code: &str) -> Result<String> {
    let code = code.lines().flat_map(|line| [internal(line), "\n".to_owned()]).collect::<String>();
    for text in [REPORTED, COMMENT] {
        if code.matches(text).count() != 1 {
            return Err(Failure::new(format!("the generated Kotlin code does not have once: {text}")));
        }
    }
    Ok(code.replace(REPORTED, REPLACED).replace(COMMENT, NEW_COMMENT))
}

/// A line of code. Declarations of the file begin at the first column.
fn internal(line: &str) -> String {
    let declared = line.strip_prefix("public ").unwrap_or(line);
    let word = declared.split(|letter: char| !letter.is_ascii_lowercase()).next().unwrap_or_default();
    if DECLARATIONS.contains(&word) { format!("internal {declared}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declaration_of_the_file_is_internal() {
        let lines = [
            ("public object A {", "internal object A {"),
            ("open class A: B", "internal open class A: B"),
            ("    public fun b()", "    public fun b()"),
            ("private fun<E> c()", "private fun<E> c()"),
            ("internal const val D = 1", "internal const val D = 1"),
            ("fun e() {", "internal fun e() {"),
            ("fun<T> f() {", "internal fun<T> f() {"),
            ("package a.b", "package a.b"),
            ("classes", "classes"),
            ("}", "}"),
        ];
        for (line, wanted) in lines {
            assert_eq!(internal(line), wanted);
        }
    }

    #[test]
    fn an_unpaired_surrogate_is_replaced_or_the_code_is_refused() {
        let code = format!("    {COMMENT}\n    {REPORTED}\n");
        assert_eq!(adapted(&code).unwrap(), format!("    {NEW_COMMENT}\n    {REPLACED}\n"));
        assert!(adapted("fun a()\n").is_err());
        assert!(adapted(&format!("{code}{code}")).is_err());
    }
}
