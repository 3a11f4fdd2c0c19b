package dev.tinycounter

import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import org.junit.jupiter.api.io.TempDir

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
    fun `what a decision recorded is in the file as a whole when it returns`(@TempDir folder: File, @TempDir copy: File) {
        open(folder).use { store ->
            val limit = store.limit("a", Limit(Rule.AtMost("a", 1, 1.days), alsoRecord = listOf("any_message")))
            assertTrue(limit.checkAndRecord().isAllowed)
            val reserved = assertIs<StoredReservation>(store.limit("b", limit.limit.copy(rules = emptyList())).reserveFor(1.hours))
            // As a kill of the process leaves it.
            folder.copyRecursively(copy, overwrite = true)
            open(copy).use {
                assertEquals(listOf(1L, 1L, 0L), listOf("a", "any_message", "b").map { event -> it.today(event) })
                assertEquals(listOf(reserved.key), it.reservations.map { it.key })
                it.commitReservation(reserved.key)
                assertEquals(listOf(1L, 2L, 1L), listOf("a", "any_message", "b").map { event -> it.today(event) })
            }
        }
    }

    @Test
    fun `a kill keeps all or nothing of a call`(@TempDir folder: File, @TempDir copy: File) {
        val limit = Limit(Rule.AtMost("a", 9, 1.days), alsoRecord = listOf("any_message", "third"))
        fun killed(): File = copy.also { folder.copyRecursively(it, overwrite = true) }
        open(folder).use { store ->
            for (event in listOf("a", "any_message")) store.record(event)
            store.persist()
            var key = 0L
            val calls = mapOf<String, () -> Unit>(
                "checkAndRecord" to { assertTrue(store.limit("a", limit).checkAndRecord().isAllowed) },
                "reserveFor" to { key = assertIs<StoredReservation>(store.limit("a", limit).reserveFor(1.hours)).key },
                "commitReservation" to { store.commitReservation(key) }
            )
            val log = File(folder, "events.log")
            for ((name, call) in calls) {
                val (start, before) = log.readBytes() to stored(killed())
                call()
                val (end, after) = log.readBytes() to stored(killed())
                assertNotEquals(before, after, name)
                assertTrue(start.contentEquals(end.copyOf(start.size)), "$name appends")
                val found = (start.size..end.size).map { length ->
                    File(copy, "events.log").writeBytes(end.copyOf(length))
                    stored(copy).also { assertTrue(it == before || it == after, "$name, $length of ${end.size} bytes: $it") }
                }
                assertEquals(setOf(before, after), found.toSet(), name)
            }
        }
    }

    /** What a store in a folder holds: the counts, what is reserved and what is known of losses. */
    private fun stored(folder: File): List<Any> = open(folder).use { store ->
        val events = listOf("a", "any_message", "third")
        val reserved = events.map { store.limit("x") { atMost(it, 99, TimeUnit.EVER) }.explain().rules.single().reserved }
        events.map { store.query(it).lifetime() ?: 0 } + reserved + store.reservations.map { it.key to it.event } + store.health.losses
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
            assertFailsWith<EventStoreException.InvalidArgument>("$also") { store.limit("x", Limit(alsoRecord = also)) }
        }
        assertEquals(listOf(1L, 0), counts("x", "y"))
    }
}
