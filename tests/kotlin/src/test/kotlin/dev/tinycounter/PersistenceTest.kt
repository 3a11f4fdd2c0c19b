package dev.tinycounter

import dev.tinycounter.internal.InternalException
import java.io.File
import kotlin.coroutines.cancellation.CancellationException
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.junit.jupiter.api.io.TempDir

class PersistenceTest {
    @TempDir
    lateinit var directory: File

    @Test
    fun `persisted counts are there after reopening`() {
        val clock = TestClock(NOON)
        open(directory, clock).use { store ->
            store.record("launch", 3)
            assertTrue(store.isDirty)
            store.persist()
            assertFalse(store.isDirty)
            assertTrue(store.health.isGood)
        }
        clock.advance(1.days)
        open(directory, clock).use { store ->
            assertEquals(listOf(0L, 3), store.query("launch").lastDays(2).buckets())
            assertEquals(1.days, store.query("launch").lastSeen())
        }
    }

    @Test
    fun `closing persists, and closing again does nothing`() {
        val store = open(File(directory, "made/by/the/store"))
        store.record("launch")
        store.close()
        store.close()
        open(File(directory, "made/by/the/store")).use { assertEquals(1, it.today("launch")) }
    }

    @Test
    fun `a closed store counts nothing, and its calls fail`() {
        val store = open(directory)
        val launch = store.event("launch")
        val reservation = store.limit("x") { atMost(1, 1.days) }.reserve() as Reservation
        val export = memory().export()
        store.close()
        store.record("launch")
        launch.record()
        reservation.cancel()
        val calls = listOf(
            { store.recordAt("launch", NOON) },
            { store.query("launch").ever().sum() },
            { store.persist() },
            { store.export() },
            { store.merge(export) },
            { store.limit("x") { }.check() },
            { store.erase("launch") },
            { store.eraseEvents(listOf("launch")) }
        )
        for (call in calls) assertFailsWith<EventStoreException.Closed> { call() }
        assertFalse(store.limit("x") { }.isAllowed())
        open(directory).use { assertEquals(0, it.today("launch")) }
    }

    @Test
    fun `committing after the store was closed is an error`() {
        val store = open(directory)
        val reservation = store.limit("x") { atMost(1, 1.days) }.reserve() as Reservation
        store.close()
        assertFailsWith<EventStoreException.Closed> { reservation.commit() }
    }

    @Test
    fun `a directory can be opened once at a time`() {
        open(directory).use { store ->
            store.record("launch")
            assertFailsWith<EventStoreException.Unavailable> { open(directory) }
            assertFailsWith<EventStoreException.Unavailable> { open(File(directory, "../${directory.name}")) }
        }
        open(directory).close()
    }

    @Test
    fun `inline writes need no persist`() {
        val store = open(directory, writes = Writes.INLINE)
        store.record("launch")
        // A copy of the files has what another process would see.
        val copy = File(directory.parentFile, directory.name + "-copy")
        directory.copyRecursively(copy)
        open(copy).use { assertEquals(1, it.today("launch")) }
        copy.deleteRecursively()
        store.close()
    }

    @Test
    fun `a file instead of a directory is an error`() {
        val file = File(directory, "file").apply { writeText("not a directory") }
        assertFailsWith<EventStoreException> {
            open(file).use {
                it.record("x")
                it.persist()
            }
        }
    }

    @Test
    fun `persisting a store in memory is an error`() {
        memory().use { assertFailsWith<EventStoreException.Storage> { it.persist() } }
    }

    @Test
    fun `units out of bounds are errors`() {
        for (tracking in listOf(mapOf(TimeUnit.DAYS to 0), mapOf(TimeUnit.DAYS to -1), mapOf(TimeUnit.EVER to 1))) {
            assertFailsWith<EventStoreException.InvalidArgument> { memory(tracking = tracking) }
        }
        val tracking = mapOf(TimeUnit.SECONDS to 5, TimeUnit.DAYS to 7)
        memory(tracking = tracking).use { assertEquals(tracking, it.tracking) }
    }

    @Test
    fun `erased events do not come back`() {
        open(directory).use { store ->
            store.record("a")
            store.record("b")
            store.record("c")
            assertTrue(store.erase("a"))
            assertFalse(store.erase("a"))
            assertEquals(listOf("b", "c"), store.events)
            assertEquals(2, store.eraseAll())
            assertEquals(emptyList(), store.events)
        }
        open(directory).use { assertEquals(emptyList(), it.events) }
    }

    @Test
    fun `erasing several events is one step and leaves no name in a file`() {
        open(directory).use { store ->
            for (event in listOf("secret a", "secret b", "launch")) store.record(event)
            store.persist()
            val held = { directory.listFiles()!!.any { String(it.readBytes(), Charsets.ISO_8859_1).contains("secret") } }
            assertTrue(held())
            val tooLong = "x".repeat(1_025)
            assertFailsWith<EventStoreException.InvalidArgument> { store.eraseEvents(listOf("secret a", tooLong)) }
            assertEquals(3, store.events.size)
            assertEquals(2, store.eraseEvents(listOf("secret a", "secret b", "secret a", "never")))
            assertFalse(held())
            assertEquals(0, store.eraseEvents(emptyList()))
            store.record("secret c")
            store.persist()
            assertTrue(store.erase("secret c"))
            assertTrue(store.isDirty)
            store.persist()
            assertFalse(held())
        }
        open(directory).use { assertEquals(listOf("launch"), it.events) }
    }

    @Test
    fun `the suspending functions do the same as the blocking ones`() = runBlocking {
        val store = EventStore.awaitOpen(directory, clock = TestClock(NOON), timeZone = UTC)
        store.record("launch")
        store.awaitPersist()
        assertFalse(store.isDirty)
        store.awaitRecordNow("crash", 2)
        assertEquals(2, store.today("crash"))
        val tablet = memory()
        assertEquals(2, tablet.awaitMerge(store.awaitExport()).eventsChanged)
        assertTrue(store.limit("launch") { atMost(2, 1.days) }.awaitCheckAndRecord().isAllowed)
        val reservation = store.limit("ad") { atMost(1, 1.days) }.reserve() as Reservation
        reservation.awaitCommit()
        assertEquals(1, store.today("ad"))
        assertTrue(store.awaitErase("launch"))
        assertEquals(0, store.awaitEraseEvents(listOf("launch")))
        assertEquals(2, store.awaitEraseAll())
        store.awaitAcknowledgeLoss()
        store.awaitClose()
        assertFailsWith<EventStoreException.Closed> { store.awaitPersist() }
        Unit
    }

    @Test
    fun `a cancelled caller still commits and closes`() = runBlocking {
        val store = open(directory)
        val reservation = store.limit("ad") { atMost(1, 1.days) }.reserve() as Reservation
        val cancelled = launch {
            try {
                awaitCancellation()
            } finally {
                reservation.awaitCommit()
                store.awaitClose()
            }
        }
        yield()
        cancelled.cancelAndJoin()
        open(directory).use { assertEquals(1, it.today("ad")) }
    }

    @Test
    fun `a store whose caller was cancelled is closed again`() = runBlocking {
        val caller = Job()
        val cancelling = object : File(directory.path) {
            // Called while the store is opened.
            override fun getPath(): String = super.getPath().also { caller.cancel() }
        }
        assertFailsWith<CancellationException> { withContext(caller) { EventStore.awaitOpen(cancelling, timeZone = UTC) } }
        open(directory).close()
    }

    @Test
    fun `limits that need lost counts refuse with afterLoss`() {
        open(directory).use { store ->
            for (event in listOf("damaged", "b", "c")) {
                store.record(event)
                store.persist()
            }
        }
        val log = directory.walk().single { it.isFile && "damaged" in it.readBytes().toString(Charsets.ISO_8859_1) }
        val bytes = log.readBytes()
        val position = bytes.toString(Charsets.ISO_8859_1).indexOf("damaged") + "damaged".length + 1
        bytes[position] = (bytes[position].toInt() xor 0xff).toByte()
        log.writeBytes(bytes)

        open(directory).use { store ->
            assertFalse(store.health.isGood)
            assertTrue(store.health.losses.isNotEmpty())
            assertTrue(store.health.losses.all { it.event in setOf(null, "damaged") && it.noticed == NOON }, "${store.health.losses}")
            assertTrue(store.health.keptAside.single().isFile)
            val limit = store.limit("damaged") {
                atMost(9, 1.days)
                atLeast("other", 1, 1.days)
            }
            val refused = limit.check() as Decision.Refused
            assertEquals(listOf(true, false), refused.refusals.map { it.afterLoss })
            assertEquals(listOf(true, false), limit.explain().rules.map { it.afterLoss })
            assertEquals(1.days, refused.refusals.first().retryAfter)
            store.acknowledgeLoss()
            assertEquals(listOf(false), (limit.check() as Decision.Refused).refusals.map { it.afterLoss })
            assertEquals(listOf(false, false), limit.explain().rules.map { it.afterLoss })
            assertTrue(store.health.losses.isEmpty())
        }
    }

    @Test
    fun `an error names the value and the bounds`() {
        val error = assertFailsWith<EventStoreException.InvalidArgument> { memory().record("x", -7) }
        assertContains(error.message.orEmpty(), "invalid count -7: use 0 to 4,294,967,295")
    }

    @Test
    fun `a bug in the library is one of the exceptions that apps catch`() {
        val error = assertFailsWith<EventStoreException> { translated { throw InternalException("Rust panic") } }
        assertIs<EventStoreException.Unexpected>(error)
        assertEquals("Rust panic", error.message)
    }
}
