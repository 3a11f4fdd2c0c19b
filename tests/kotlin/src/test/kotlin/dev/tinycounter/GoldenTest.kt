package dev.tinycounter

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import org.junit.jupiter.api.io.TempDir

/** The same bytes and the same numbers as in tests/golden.rs and in Swift. */
class GoldenTest {
    private val fixtures = repository.resolve("tests/fixtures")

    @Test
    fun `an export of format 1 still gives the numbers of its time`() {
        val store = memory()
        store.mergeBytes(fixtures.resolve("export-v1.bin").readBytes())
        assertEquals(numbers(), store.answers())
    }

    @Test
    fun `a store that counted nothing exports the bytes that it merged`() {
        val bytes = fixtures.resolve("export-v1.bin").readBytes()
        val store = memory()
        store.mergeBytes(bytes)
        assertContentEquals(bytes, store.exportBytes())
    }

    @Test
    fun `a log of format 1 still gives the numbers of its time`(@TempDir copy: File) {
        fixtures.resolve("log-v1").copyRecursively(copy)
        open(copy).use { assertEquals(numbers(), it.answers()) }
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
