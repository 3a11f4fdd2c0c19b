package dev.tinycounter

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.nanoseconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir

class StoredReservationTest {
    @TempDir
    lateinit var directory: File

    private val clock = TestClock(NOON)

    private fun EventStore.dialog() = limit("dialog") { atMost(1, 7.days) }

    @Test
    fun `a stored reservation survives its store and is committed by its key`() {
        val key = open(directory, clock).use { store ->
            val reservation = assertIs<StoredReservation>(store.dialog().reserveFor(1.hours))
            assertEquals("dialog" to 1.hours, reservation.event to reservation.expiresIn)
            assertEquals(1.hours, assertIs<Decision.Refused>(store.dialog().reserveFor(1.hours)).retryAfter)
            reservation.key
        }
        clock.advance(20.minutes)
        open(directory, clock).use { store ->
            assertEquals(listOf(StoredReservation(key, "dialog", 40.minutes)), store.reservations)
            store.commitReservation(key)
            assertEquals(1, store.query("dialog").lifetime())
            assertEquals(7.days, assertIs<Decision.Refused>(store.dialog().check()).retryAfter)
            assertFailsWith<EventStoreException.InvalidArgument> { store.commitReservation(key) }
        }
    }

    @Test
    fun `a cancelled or expired reservation no longer counts`() = runBlocking {
        open(directory, clock).use { store ->
            val first = assertIs<StoredReservation>(store.dialog().awaitReserveFor(1.hours))
            store.awaitCancelReservation(first.key)
            assertTrue(store.dialog().isAllowed())
            val second = assertIs<StoredReservation>(store.dialog().awaitReserveFor(1.hours))
            assertFalse(store.dialog().isAllowed())
            clock.advance(1.hours)
            assertTrue(store.dialog().isAllowed())
            assertTrue(store.reservations.isEmpty())
            val error = assertFailsWith<EventStoreException.ReservationExpired> { store.awaitCommitReservation(second.key) }
            assertEquals("dialog", error.event)
            assertEquals(0, store.query("dialog").lifetime())
            // JaCoCo counts no call that throws at once, which the one above does now and then.
            store.awaitCommitReservation(assertIs<StoredReservation>(store.dialog().awaitReserveFor(1.hours)).key)
            assertEquals(1, store.query("dialog").lifetime())
        }
    }

    @Test
    fun `invalid durations and keys are errors`() {
        open(directory, clock).use { store ->
            for (span in listOf(Duration.ZERO, (-1).hours, (-1).nanoseconds, Duration.INFINITE)) {
                assertFailsWith<EventStoreException.InvalidArgument> { store.dialog().reserveFor(span) }
            }
            for (key in listOf(0, -1, Long.MIN_VALUE, Long.MAX_VALUE)) {
                assertFailsWith<EventStoreException.InvalidArgument> { store.cancelReservation(key) }
            }
        }
    }

    @Test
    fun `a reserved event is not known until its reservation ends, and an erasure ends it`() {
        open(directory, clock).use { store ->
            assertIs<StoredReservation>(store.dialog().reserveFor(1.hours))
            assertTrue(store.events.isEmpty())
        }
        val key = open(directory, clock).use { store ->
            assertTrue(store.events.isEmpty())
            assertNull(store.query("dialog").lifetime())
            assertEquals(listOf("dialog"), store.reservations.map { it.event })
            store.eraseAll()
            assertTrue(store.reservations.isEmpty())
            assertIs<StoredReservation>(store.dialog().reserveFor(1.hours)).key
        }
        open(directory, clock).use { store ->
            assertEquals(listOf(key), store.reservations.map { it.key })
            store.cancelReservation(key)
            assertEquals(listOf("dialog"), store.events)
        }
    }

    @Test
    fun `a store in memory keeps a stored reservation until it is closed`() {
        val store = memory(clock)
        val key = assertIs<StoredReservation>(store.dialog().reserveFor(1.hours)).key
        assertFalse(store.dialog().isAllowed())
        store.commitReservation(key)
        assertEquals(1, store.query("dialog").lifetime())
    }

    @Test
    fun `a restored folder without its identity counts beside the original`() {
        fun store(name: String) =
            EventStore.open(File(directory, name), timeZone = UTC, clock = clock, identity = File(directory, "apart/$name"))
        store("old").use { old ->
            old.record("launch", 10)
            old.persist()
            File(directory, "old").copyRecursively(File(directory, "new"))
            old.record("launch", 5)
            store("new").use { new ->
                new.record("launch", 100)
                new.merge(old.export())
                old.merge(new.export())
                assertEquals(listOf(115L, 115L), listOf(old, new).map { it.query("launch").lifetime() })
            }
        }
        assertEquals(16, File(directory, "apart/new").length())
        assertFailsWith<EventStoreException.Unavailable> {
            EventStore.open(File(directory, "old"), identity = directory)
        }
    }
}
