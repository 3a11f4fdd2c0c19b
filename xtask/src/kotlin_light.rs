//! Makes the Kotlin code that UniFFI generates lighter. A JVM loads a class when it is first used,
//! and an app holds all of them. So what the facade does not need is left out.

/// Leaves out empty companion objects and the interface of each object, and what needs classes of
/// Kotlin's library for unsigned numbers in lists.
pub fn light(types: &str) -> String {
    let (code, interfaces) = without_interfaces(types);
    let code: String = code.lines().filter(|line| line.trim() != COMPANION).map(light_line).collect();
    let code = code.replace("override fun `", "fun `");
    interfaces.iter().fold(code, |code, interface| code.replace(&format!(", {interface}\n"), "\n"))
}

/// A companion object for functions of an app. An app does not see these classes.
const COMPANION: &str = "companion object";

/// The sizes of the elements of a list are added up in a list of objects.
const SIZES: [&str; 3] = ["value.map { ", ".allocationSize(it) }", ".sum()"];

fn light_line(line: &str) -> String {
    let [before, converter, after] = SIZES;
    let sum = line.split_once(before).and_then(|(indent, rest)| {
        let converter = rest.strip_suffix(after)?.strip_suffix(converter)?;
        Some(format!("{indent}value.fold(0UL) {{ sum, one -> sum + {converter}.allocationSize(one) }}\n"))
    });
    sum.unwrap_or_else(|| format!("{line}\n"))
}

/// The code without the interfaces of objects, and their names.
fn without_interfaces(types: &str) -> (String, Vec<&str>) {
    let (mut code, mut interfaces) = (String::new(), Vec::new());
    let mut rest = types;
    while let Some((before, after)) = rest.split_once("public interface ") {
        let (interface, body) = after.split_once(" {\n").unwrap_or((after, ""));
        interfaces.push(interface);
        // Its documentation is that of the class, too.
        code += before.rsplit_once("/**").map_or(before, |(before, _)| before);
        // Only the end of the interface stands at the first column.
        rest = body.split_once("\n}\n").map_or("", |(_, after)| after);
    }
    (code + rest, interfaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_facade_does_not_need_is_left_out() {
        let generated = "\
/** Docs. */
public interface StoreInterface {
    /** Docs. */
    fun `record`()

    companion object
}

/** Docs. */
open class Store: Disposable, AutoCloseable, StoreInterface
{
    override fun destroy() {}
    /** Docs. */override fun `record`() {}
    @Throws(A::class)override fun `persist`() {}
    companion object {
        fun `open`() = Store()
    }
}
data class Limit(val a: Int) {
    companion object
}
        val sizeForItems = value.map { FfiConverterInt.allocationSize(it) }.sum()
";
        let light_code = "
/** Docs. */
open class Store: Disposable, AutoCloseable
{
    override fun destroy() {}
    /** Docs. */fun `record`() {}
    @Throws(A::class)fun `persist`() {}
    companion object {
        fun `open`() = Store()
    }
}
data class Limit(val a: Int) {
}
        val sizeForItems = value.fold(0UL) { sum, one -> sum + FfiConverterInt.allocationSize(one) }
";
        assert_eq!(light(generated), light_code);
    }
}
