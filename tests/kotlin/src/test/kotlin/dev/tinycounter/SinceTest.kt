package dev.tinycounter

import java.io.File
import java.time.Instant
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

/** Windows and questions that begin with a marker. */
class SinceTest {
    private val clock = TestClock(NOON)
    private val store = memory(markers = listOf("prompt"))

    private fun memory(markers: List<String>) = EventStore.inMemory(zone = UTC, clock = clock, markers = markers)

    @Test
    fun `a prompt is shown after three launches since the last one`() {
        val prompt = store.limit("prompt") { atLeast("launch", 3, since("prompt")) }
        repeat(2) {
            assertFalse(prompt.isAllowed())
            repeat(3) { store.record("launch") }
            assertTrue(prompt.checkAndRecord().isAllowed)
        }
        assertEquals(2, store.query("prompt").lifetime())
        val refused = prompt.check()
        assertIs<Decision.Refused>(refused)
        assertNull(refused.retryAfter, "waiting does not help")
    }

    @Test
    fun `a question counts what happened since a marker`() {
        assertNull(store.query("tap").since("prompt").sum())
        store.record("tap", 4)
        assertEquals(4, store.query("tap").since("prompt").sum(), "the marker never happened")
        store.record("prompt")
        assertEquals(0, store.query("tap").since("prompt").sum())
        store.record("tap", 2)
        store.record("swipe")
        assertEquals(3, store.query("tap", "swipe").since("prompt").sum())
        val (tap, all) = store.query { event("tap").sumSince("prompt") to event("tap").lifetime() }.let { it.first.value to it.second.value }
        assertEquals(2L to 6L, tap to all)
        val prepared = store.prepareQuestion { event("tap").sumSince("prompt") }
        store.record("tap")
        assertEquals(3, prepared.ask())
    }

    @Test
    fun `what another device counted since a marker is bounded`() {
        val taps = store.query("tap").since("prompt")
        assertNull(taps.bounds())
        assertFalse(taps.isComplete())
        store.record("prompt")
        store.record("tap")
        assertEquals(1L..1L, taps.bounds())
        assertTrue(taps.isComplete())
        memory(listOf("prompt")).use { other ->
            other.record("tap", 5)
            store.mergeBytes(other.exportBytes())
        }
        assertEquals(1L..6L, taps.bounds())
        assertFalse(taps.isComplete())
        assertEquals(6, taps.sum())
        val answer = store.query { event("tap", "prompt").boundsSince("prompt") }
        assertEquals(1L..6L, answer.value)
        val prepared = store.prepareQuestion { event("tap").boundsSince("prompt") }
        store.record("tap")
        assertEquals(2L..7L, prepared.ask())
        assertFailsWith<EventStoreException.InvalidArgument> { store.query("tap").since("other").bounds() }
        assertFailsWith<EventStoreException.InvalidArgument> { store.query("tap").since("other").isComplete() }
    }

    @Test
    fun `once in a session and once in a version of the app`() {
        val tip = store.limit("tip") { atMost(1, sinceSession()) }
        val news = store.limit("news") { atMost(1, sinceAppVersion()) }
        assertTrue(store.appVersion("1.0"))
        repeat(2) {
            store.session()
            assertTrue(tip.checkAndRecord().isAllowed)
            assertFalse(tip.checkAndRecord().isAllowed)
        }
        assertTrue(news.checkAndRecord().isAllowed)
        assertFalse(store.appVersion("1.0"), "it is the same")
        assertFalse(news.isAllowed())
        assertTrue(store.appVersion("1.1"))
        assertTrue(news.isAllowed())
        store.record("tap")
        assertEquals(listOf(1L, 1L), listOf(store.query("tap").sinceSession().sum(), store.query("tap").sinceAppVersion().sum()))
        assertFailsWith<EventStoreException.InvalidArgument> { store.appVersion("x".repeat(1_025)) }
    }

    @Test
    fun `a count since a marker survives a restart`(@TempDir directory: File) {
        fun reopened() = EventStore.open(directory, zone = UTC, clock = clock, markers = listOf("prompt"))
        reopened().use {
            it.record("tap", 5)
            it.record("prompt")
            it.record("tap", 2)
            assertTrue(it.appVersion("1.0"))
        }
        reopened().use {
            it.record("tap")
            assertEquals(3, it.query("tap").since("prompt").sum())
            assertFalse(it.appVersion("1.0"))
        }
    }

    @Test
    fun `an event that is no marker is an error that says how to make it one`() {
        for (call in listOf<() -> Unit>({ store.limit("tap") { atMost(1, since("launch")) } }, { store.query("tap").since("launch").sum() })) {
            val error = assertFailsWith<EventStoreException.InvalidArgument> { call() }
            assertContains(error.message.orEmpty(), "marker")
        }
        assertFailsWith<EventStoreException.InvalidArgument> { memory(List(9) { "m$it" }) }
        assertEquals(1, memory(List(9) { "m" }).use { it.record("x"); it.query("x").since("m").sum() }, "named twice")
    }

    @Test
    fun `windows since a marker are values and have a JSON form`() {
        val limit = Limit(Rule.AtMost("a", 1, SinceWindow("m")), Rule.AtLeast("b", 3, SinceWindow.session()))
        assertEquals(limit, Limit.fromJson(limit.toJson()))
        assertContains(limit.toJson(), "\"since\"")
    }

    @Test
    fun `the decisions of a document with markers are those of the other languages`() {
        val table = Json.fixture("decisions_since.json")
        val rules = LimitSet.fromJson(Json.rules(table["rules"] as String))
        val store = memory((table["markers"] as List<*>).map { it as String })
        for (step in (table["steps"] as List<*>).map { it as Map<*, *> }) {
            clock.now = Instant.parse(step["at"] as String)
            val recorded = step["record"] as String?
            if (recorded != null) {
                store.record(recorded)
                continue
            }
            val limit = rules.getValue(step["limit"] as String)
            val decided = step["decide"] as String?
            val decision = if (decided != null) store.limit(decided, limit).checkAndRecord() else store.limit(step["ask"] as String, limit).check()
            assertEquals(step["allowed"], decision.isAllowed, "$step")
            if (decision is Decision.Refused) assertEquals((step["retry_at"] as String?)?.let(Instant::parse), decision.retryAt, "$step")
        }
    }
}
