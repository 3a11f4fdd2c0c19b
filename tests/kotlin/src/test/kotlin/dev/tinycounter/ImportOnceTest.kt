package dev.tinycounter

import java.io.File
import java.time.temporal.ChronoUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir

/** Taking over the counts of another library. */
class ImportOnceTest {
    @TempDir
    lateinit var directory: File

    private val clock = TestClock(NOON)

    private fun prefs() = listOf(
        Occurrence("launch", NOON.minus(2, ChronoUnit.DAYS), 50),
        Occurrence("purchase", NOON.minus(9, ChronoUnit.DAYS), 3)
    )

    @Test
    fun `the counts of a key are taken over once, and last`() {
        var reads = 0
        val read = { prefs().also { reads += 1 } }
        open(directory, clock).use { store ->
            assertTrue(store.importOnce("prefs-v1", read))
            assertFalse(store.importOnce("prefs-v1", read))
            assertEquals(listOf(0L, 0L, 50L), store.query("launch").lastDays(3).buckets())
        }
        open(directory, clock).use { store ->
            assertFalse(store.importOnce("prefs-v1", read))
            assertEquals(50, store.query("launch").lifetime())
        }
        assertEquals(1, reads)
    }

    @Test
    fun `two devices that take over the same counts count them once`() = runBlocking {
        val phone = memory(clock)
        val tablet = memory(clock)
        for (store in listOf(phone, tablet)) assertTrue(store.awaitImportOnce("prefs-v1", ::prefs))
        tablet.merge(phone.export())
        assertEquals(50, tablet.query("launch").lifetime())
    }

    @Test
    fun `bad arguments take over nothing`() {
        val store = memory(clock)
        for (key in listOf("", "k".repeat(1_025), "\uD800".repeat(400))) {
            assertFailsWith<EventStoreException.InvalidArgument> { store.importOnce(key, ::prefs) }
        }
        for (count in listOf(-1L, 4_294_967_296)) {
            assertFailsWith<EventStoreException.InvalidArgument> { store.importOnce("k") { listOf(Occurrence("a", NOON, count)) } }
        }
        assertFailsWith<EventStoreException.InvalidArgument> { store.importOnce("k") { listOf(Occurrence("a", NOON.plusSeconds(61))) } }
        assertTrue(store.events.isEmpty())
        val failed = assertFailsWith<IllegalStateException> { store.importOnce("k") { error("the old file is damaged") } }
        assertEquals("the old file is damaged", failed.message)
        assertTrue(store.importOnce("k", ::prefs))
        store.close()
        assertFailsWith<EventStoreException.Closed> { store.importOnce("k", ::prefs) }
    }
}
