package dev.tinycounter

import java.io.File
import java.time.ZoneId
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import org.junit.jupiter.api.io.TempDir

class MergeTest {
    private val clock = TestClock(NOON)
    private val phone = memory(clock)
    private val tablet = memory(clock)

    @Test
    fun `merging again changes nothing`() {
        phone.record("launch", 2)
        tablet.record("launch", 3)
        val export = phone.export()
        val report = MergeReport(eventsChanged = 1, replicas = 1, conflictingCopies = 0, refused = 0, replicasRefused = 0, restarted = false)
        assertEquals(report, tablet.merge(export))
        assertEquals(0, tablet.merge(export).eventsChanged)
        phone.merge(tablet.export())
        phone.merge(export)
        assertEquals(listOf(5L, 5L), listOf(phone, tablet).map { it.today("launch") })
    }

    @Test
    fun `an export since a sync state holds only what is new`() {
        phone.record("launch", 2)
        repeat(50) { phone.record("other $it") }
        tablet.merge(phone.export())
        phone.record("launch")
        val news = phone.export(since = tablet.knowledge())
        assertTrue(news.size < phone.export().size / 4)
        assertEquals(1, tablet.merge(news).eventsChanged)
        assertEquals(3, tablet.today("launch"))
    }

    @Test
    fun `parts of an export merge in any order and make the next one empty`() {
        repeat(50) { phone.record("event $it") }
        val parts = phone.exportParts(maxBytes = 800)
        assertTrue(parts.size > 2 && parts.all { it.size <= 800 }, "${parts.map { it.size }}")
        parts.reversed().forEach { tablet.merge(it) }
        assertEquals(50, tablet.events.size)
        assertEquals(0, tablet.merge(phone.exportParts(800, since = tablet.knowledge()).single()).eventsChanged)
        assertFailsWith<EventStoreException.InvalidArgument> { phone.exportParts(-1) }
    }

    @Test
    fun `copies that count under one identity are reported and the greater count is kept`(@TempDir directory: File, @TempDir folder: File) {
        open(directory, clock).use { original ->
            original.record("launch")
            original.persist()
            directory.copyRecursively(folder, overwrite = true)
            open(folder, clock).use { copy ->
                clock.advance(1.minutes)
                copy.record("launch")
                clock.advance(1.minutes)
                original.record("launch", 2)
                assertEquals(0, tablet.merge(original.export()).conflictingCopies)
                val report = tablet.merge(copy.export())
                assertEquals(1 to false, report.conflictingCopies to report.restarted)
            }
            assertEquals(3, tablet.today("launch"), "1 + 2, which is more than 1 + 1")
            assertEquals(4, tablet.query("launch").lifetime(), "1 + 1 + 2 in three minutes")

            assertTrue(original.merge(tablet.export()).restarted, "another store continues a copy of it")
            original.record("launch")
            tablet.merge(original.export())
            assertEquals(listOf(5L, 5L), listOf(original, tablet).map { it.query("launch").lifetime() })
        }
    }

    @Test
    fun `a restored backup goes on under a new identity`(@TempDir directory: File, @TempDir backup: File) {
        val newer = open(directory, clock).use { store ->
            store.record("launch", 3)
            store.persist()
            directory.copyRecursively(backup, overwrite = true)
            store.record("launch", 5)
            store.export()
        }
        open(backup, clock).use { store ->
            assertEquals(3, store.today("launch"))
            val report = store.merge(newer)
            assertEquals(true to 0, report.restarted to report.conflictingCopies)
            store.record("launch")
        }
        open(backup, clock).use { store ->
            assertEquals(9, store.today("launch"))
            assertFalse(store.merge(newer).restarted)
        }
    }

    @Test
    fun `erasing several events reaches another device`() {
        for (event in listOf("secret a", "secret b", "launch")) phone.record(event)
        tablet.record("secret a")
        val before = phone.export()
        tablet.merge(before)
        phone.merge(tablet.export())
        assertEquals(2, phone.eraseEvents(listOf("secret a", "secret b")))
        assertEquals(2, tablet.merge(phone.export(since = tablet.knowledge())).eventsChanged)
        tablet.merge(before)
        assertEquals(listOf("launch"), tablet.events)
        assertEquals(0, tablet.today("secret a"), "also what the tablet counted")
        phone.merge(tablet.export())
        assertEquals(listOf("launch"), phone.events)
    }

    @Test
    fun `exports stay small and erased events stay erased after a restart`(@TempDir directory: File) {
        val old = open(directory, clock).use { store ->
            store.record("secret")
            repeat(50) { store.record("other $it") }
            val old = store.export()
            store.erase("secret")
            tablet.merge(store.export())
            store.merge(tablet.export())
            old
        }
        tablet.record("launch")
        open(directory, clock).use { store ->
            val news = tablet.export(since = store.knowledge())
            assertTrue(news.size < tablet.export().size / 4)
            assertEquals(1, store.merge(news).eventsChanged)
            val nothingNew = store.export(since = tablet.knowledge())
            assertTrue(nothingNew.size < store.export().size / 4)
            assertEquals(0, tablet.merge(nothingNew).eventsChanged)
            assertEquals(0, store.merge(old).eventsChanged)
            assertFalse("secret" in store.events)
            assertTrue(store.health.isGood)
        }
    }

    @Test
    fun `each store counts on the date of its own zone`() {
        // 23:30 on Tuesday in London, 8:30 on Wednesday in Tokyo.
        clock.now = java.time.Instant.parse("2026-03-10T23:30:00Z")
        val london = memory(clock, ZoneId.of("Europe/London"))
        val tokyo = memory(clock, ZoneId.of("Asia/Tokyo"))
        london.record("launch", 2)
        tokyo.record("launch", 5)
        london.merge(tokyo.export())
        tokyo.merge(london.export())
        assertEquals(listOf(7L, 0), london.query("launch").lastDays(2).buckets())
        assertEquals(listOf(5L, 2), tokyo.query("launch").lastDays(2).buckets())
        clock.advance(1.hours)
        assertEquals(listOf(5L, 2), london.query("launch").lastDays(2).buckets())
        assertEquals(7, london.query("launch").lifetime())
    }

    @Test
    fun `a change of the zone keeps the dates of earlier counts`(@TempDir directory: File) {
        clock.now = java.time.Instant.parse("2026-03-10T23:30:00Z")
        open(directory, clock, ZoneId.of("Europe/London")).use { store ->
            store.record("launch")
            store.setTimeZone(ZoneId.of("Asia/Tokyo"))
            assertEquals(listOf(0L, 1), store.query("launch").lastDays(2).buckets())
            store.record("launch", 4)
            assertEquals(listOf(4L, 1), store.query("launch").lastDays(2).buckets())
        }
    }

    @Test
    fun `damaged bytes are detected`() {
        phone.record("launch")
        val export = phone.export()
        val damaged = List(export.size) { index -> export.copyOf().also { it[index] = (it[index] + 1).toByte() } }
        val cut = List(export.size) { length -> export.copyOf(length) }
        // Byte 4 is the version: a higher one means a newer library.
        for (bytes in damaged.filterIndexed { index, _ -> index != 4 } + cut + export.plus(0)) {
            assertFailsWith<EventStoreException.Corrupt> { tablet.merge(bytes) }
        }
        assertFailsWith<EventStoreException.Incompatible> { tablet.merge(damaged[4]) }
        assertFailsWith<EventStoreException.Corrupt> { phone.export(since = export) }
        assertEquals(emptyList(), tablet.events)
    }
}
