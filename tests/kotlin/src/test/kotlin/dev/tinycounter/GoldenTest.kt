package dev.tinycounter

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

/** The same bytes and the same numbers as in tests/golden.rs and in Swift. */
class GoldenTest {
    private val fixtures = repository.resolve("tests/fixtures")

    @Test
    fun `an export of format 1 still gives the numbers of its time`() {
        val store = memory()
        store.merge(fixtures.resolve("export-v1.bin").readBytes())
        assertEquals(numbers(), store.answers())
    }

    @Test
    fun `a store that counted nothing exports the bytes that it merged`() {
        val bytes = fixtures.resolve("export-v1.bin").readBytes()
        val store = memory()
        store.merge(bytes)
        assertContentEquals(bytes, store.export())
    }

    @Test
    fun `a log of format 1 still gives the numbers of its time`(@TempDir copy: File) {
        fixtures.resolve("log-v1").copyRecursively(copy)
        open(copy).use { assertEquals(numbers(), it.answers()) }
    }

    @Test
    fun `parts and a sync state of each language say what it recorded`() {
        val own = memory()
        own.recordExchanged()
        val parts = own.exportParts(1_000)
        assertEquals(2, parts.size)
        writeExchanged("part-0", parts[0])
        writeExchanged("part-1", parts[1])
        writeExchanged("knowledge", own.knowledge())
        for (language in LANGUAGES) {
            val store = memory()
            store.merge(exchanged(language, "part-1") ?: continue)
            assertTrue(store.events.size in 1..<22, "one part of $language has some events")
            store.merge(exchanged(language, "part-0") ?: continue)
            assertEquals(22, store.events.size, language)
            assertEquals(3, store.query("launch").lifetime(), language)
            assertEquals(1, store.today("später 🚀"), language)
            store.record("new")
            val news = memory()
            news.merge(store.export(since = exchanged(language, "knowledge") ?: continue))
            assertEquals(listOf("new"), news.events, "all else is known to $language")
        }
    }

    private fun numbers(): List<String> = fixtures.resolve("export-v1.csv").readLines().drop(1)

    private fun EventStore.answers(): List<String> = events.map { event ->
        val query = query(event)
        listOf(
            event,
            query.lifetime(),
            query.lastDays(7).sum(),
            query.lastDays(28).countNonzero(),
            query.lastHours(24).sum(),
            query.lastYears(1).sum(),
            query.lastSeen()?.inWholeMilliseconds ?: "-",
            query.firstSeen()?.inWholeMilliseconds ?: "-"
        ).joinToString(",")
    }
}
