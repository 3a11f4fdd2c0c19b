package dev.tinycounter

/** Reads the JSON of the fixtures: objects are maps, lists are lists, numbers are doubles. */
class Json private constructor(private val text: String) {
    private var at = 0

    private fun next(): Char {
        while (text[at].isWhitespace()) at++
        return text[at]
    }

    private fun accept(expected: Char): Boolean = (next() == expected).also { if (it) at++ }

    private fun expect(expected: Char) = check(accept(expected)) { "expected $expected at $at" }

    private fun value(): Any? = when (next()) {
        '{' -> items('{', '}') { string().also { expect(':') } to value() }.toMap()
        '[' -> items('[', ']') { value() }
        '"' -> string()
        else -> when (val word = text.drop(at).takeWhile { it.isLetterOrDigit() || it in "+-." }.also { at += it.length }) {
            "null" -> null
            "true" -> true
            "false" -> false
            else -> word.toDouble()
        }
    }

    private fun <T> items(open: Char, close: Char, item: () -> T): List<T> = buildList {
        expect(open)
        while (!accept(close)) {
            if (isNotEmpty()) expect(',')
            add(item())
        }
    }

    private fun string(): String = buildString {
        expect('"')
        while (true) {
            when (val character = text[at++]) {
                '"' -> break
                '\\' -> append(escaped(text[at++]))
                else -> append(character)
            }
        }
    }

    private fun escaped(character: Char): Char = when (character) {
        'n' -> '\n'
        't' -> '\t'
        'r' -> '\r'
        'b' -> '\b'
        'f' -> '\u000c'
        'u' -> text.substring(at, at + 4).toInt(16).toChar().also { at += 4 }
        else -> character
    }

    companion object {
        fun read(text: String): Any? = Json(text).value()

        /** The object of a file of tests/fixtures/rules. */
        fun fixture(name: String): Map<*, *> = read(rules(name)) as Map<*, *>

        /** The text of a file of tests/fixtures/rules. */
        fun rules(name: String): String = repository.resolve("tests/fixtures/rules/$name").readText()
    }
}
