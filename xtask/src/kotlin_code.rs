//! Changes the Kotlin code that UniFFI generates into what the facade needs.
//!
//! - Every declaration becomes `internal`, so that an app sees the facade only. UniFFI has no setting
//!   for it.
//! - A text with an unpaired surrogate is not an error: the character U+FFFD takes the place of the
//!   surrogate, as in Swift. UniFFI throws an exception of another kind than all others.
//! - The callbacks are not prepared when the library is loaded. The facade does it when it needs them.

use crate::failure::{Failure, Result};

/// Where UniFFI prepares the callbacks: when the library is loaded. It takes longer than to open a
/// store, and only an app that gives a function for warnings needs it.
const PREPARED: &str = "        uniffiCallbackInterfaceWarningHandler.register(this)\n";

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
    for text in [REPORTED, COMMENT, PREPARED] {
        if code.matches(text).count() != 1 {
            return Err(Failure::new(format!("the generated Kotlin code does not have once: {text}")));
        }
    }
    Ok(code.replace(REPORTED, REPLACED).replace(COMMENT, NEW_COMMENT).replace(PREPARED, ""))
}

/// A line of code. Declarations of the file begin at the first column. Its functions stand behind the
/// end of their documentation, or behind an annotation; those of classes are on lines of their own.
fn internal(line: &str) -> String {
    if line.contains("*/ fun `") || line.contains("::class) fun `") {
        return line.replacen(" fun `", " internal fun `", 1);
    }
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
            ("         */ fun `g`() {", "         */ internal fun `g`() {"),
            ("    @Throws(E::class) fun `h`() {", "    @Throws(E::class) internal fun `h`() {"),
            ("    */override fun `i`()", "    */override fun `i`()"),
            ("package a.b", "package a.b"),
            ("classes", "classes"),
            ("}", "}"),
        ];
        for (line, wanted) in lines {
            assert_eq!(internal(line), wanted);
        }
    }

    #[test]
    fn the_calls_are_changed_or_the_code_is_refused() {
        let code = format!("    {COMMENT}\n    {REPORTED}\n{PREPARED}");
        assert_eq!(adapted(&code).unwrap(), format!("    {NEW_COMMENT}\n    {REPLACED}\n"));
        assert!(adapted("fun a()\n").is_err());
        assert!(adapted(&format!("{code}{code}")).is_err());
    }
}
