package dev.tinycounter

import java.io.File

/** Those that recorded the files of tests/fixtures/exchanged. */
val LANGUAGES = listOf("rust", "kotlin", "swift")

private fun file(language: String, name: String): File =
    repository.resolve("tests/fixtures/exchanged/$language-$name.bin")

private fun isToBeWritten(file: File): Boolean = System.getenv("TINY_COUNTER_WRITE_FIXTURES") != null && !file.exists()

/** What a language recorded; null if it is to be written by that language. */
fun exchanged(language: String, name: String): ByteArray? =
    file(language, name).takeUnless { isToBeWritten(it) }?.readBytes()

fun writeExchanged(name: String, bytes: ByteArray) {
    val file = file("kotlin", name)
    if (isToBeWritten(file)) file.writeBytes(bytes)
}

/** What each language records: 22 events, as in tests/golden.rs. */
fun EventStore.recordExchanged() {
    record("launch", 3)
    record("später 🚀")
    repeat(20) { record("event $it") }
}
