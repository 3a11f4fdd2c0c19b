package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertEquals

/** The same bytes and the same numbers as in tests/golden.rs and in Swift. */
class GoldenTest {
    @Test
    fun `an export of format 1 says what it said when it was written`() {
        val fixtures = repository.resolve("tests/fixtures")
        val store = memory()
        store.mergeBytes(fixtures.resolve("export-v1.bin").readBytes())
        val lines = fixtures.resolve("export-v1.csv").readLines().drop(1)
        val said = store.events.map { event ->
            val query = store.query(event)
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
        assertEquals(lines, said)
    }
}
