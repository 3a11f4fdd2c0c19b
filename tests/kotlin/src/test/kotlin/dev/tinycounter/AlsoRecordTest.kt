package dev.tinycounter

import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

/** A decision that records further events in the same step. */
class AlsoRecordTest {
    private val store = memory()

    private fun message(kind: String) = store.limit(kind) {
        atMost(1, 1.days)
        atMost("any_message", 2, 1.days)
        alsoRecord("any_message")
    }

    private fun counts(vararg events: String) = events.map { store.query(it).lifetime() ?: 0 }

    @Test
    fun `a cap for all messages holds beside a cap for each`() {
        assertEquals(listOf("any_message"), message("a").limit.alsoRecord)
        assertTrue(message("a").checkAndRecord().isAllowed)
        assertFalse(message("a").checkAndRecord().isAllowed)
        assertTrue(message("b").checkAndRecord().isAllowed)
        val refused = assertIs<Decision.Refused>(message("c").checkAndRecord())
        assertEquals(listOf<Rule>(Rule.AtMost("any_message", 2, RollingWindow(1.days))), refused.refusals.map { it.rule })
        assertEquals(listOf(1L, 1, 0, 2), counts("a", "b", "c", "any_message"))
    }

    @Test
    fun `a reservation reserves and records all of them`() {
        val first = assertIs<Reservation>(message("a").reserve())
        val second = assertIs<StoredReservation>(message("b").reserveFor(1.hours))
        assertIs<Decision.Refused>(message("c").reserve())
        assertEquals(listOf(second), store.reservations)
        first.cancel()
        store.commitReservation(second.key)
        assertIs<Reservation>(message("c").reserve()).use { it.commit() }
        assertEquals(listOf(0L, 1, 1, 2), counts("a", "b", "c", "any_message"))
    }

    @Test
    fun `many threads do not exceed the cap for all messages`() {
        val allowed = AtomicInteger()
        val threads = List(8) { n -> Thread { if (message("kind $n").checkAndRecord().isAllowed) allowed.incrementAndGet() } }
        threads.forEach(Thread::start)
        threads.forEach(Thread::join)
        assertEquals(2, allowed.get())
    }

    @Test
    fun `names out of bounds are errors`() {
        val most = List(8) { "also $it" }
        assertTrue(store.limit("x", Limit(alsoRecord = most)).checkAndRecord().isAllowed)
        for (also in listOf(most + "one more", listOf("y", "y"), listOf("x"), listOf("é".repeat(513)))) {
            val limit = store.limit("x", Limit(alsoRecord = also))
            assertFailsWith<EventStoreException.InvalidArgument>("$also") { limit.checkAndRecord() }
            assertFalse(limit.isAllowed())
        }
        assertEquals(listOf(1L, 0), counts("x", "y"))
    }
}
