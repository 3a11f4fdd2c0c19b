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
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import org.junit.jupiter.api.io.TempDir

/** Windows and questions that begin with a marker. */
class SinceTest {
    private val clock = TestClock(NOON)
    private val store = memory(markers = listOf("prompt"))

    private fun memory(markers: List<String>) = EventStore.inMemory(timeZone = UTC, clock = clock, markers = markers)

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
            store.merge(other.export())
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
    fun `a later marker of another device begins the window with bounds`() {
        val tablet = memory(listOf("prompt"))
        val taps = store.query("tap").since("prompt")
        store.record("prompt")
        store.record("tap", 2)
        clock.advance(5.minutes)
        store.record("tap")
        clock.advance(1.milliseconds)
        tablet.record("prompt")
        clock.advance(5.minutes)
        store.record("tap", 3)
        assertEquals(6L..6L, taps.bounds(), "the store has not heard of it")
        store.merge(tablet.export())
        assertEquals(3L..4L, taps.bounds(), "the tap of its minute may have been before or after it")
        assertFalse(taps.isComplete())
        assertEquals(4, taps.sum())
        // An earlier marker of another device changes nothing.
        store.record("prompt")
        store.record("tap")
        assertEquals(1L..1L, taps.bounds())
        assertTrue(taps.isComplete())
        tablet.merge(store.export())
        assertEquals(0L..4L, tablet.query("tap").since("prompt").bounds(), "for the tablet, the store recorded it last")
    }

    @Test
    fun `the count since a marker is exact across a kill`(@TempDir directory: File, @TempDir copy: File) {
        fun opened(folder: File) = EventStore.open(folder, timeZone = UTC, clock = clock, markers = listOf("prompt"))
        opened(directory).use {
            it.record("tap", 5)
            it.record("prompt")
            it.record("tap", 2)
            it.persist()
            // As a kill of the process leaves it.
            directory.copyRecursively(copy, overwrite = true)
        }
        clock.advance(1.minutes)
        opened(copy).use {
            val taps = it.query("tap").since("prompt")
            assertEquals(2L..2L, taps.bounds())
            it.record("tap")
            assertEquals(3L..3L, taps.bounds())
            assertTrue(taps.isComplete())
            it.record("prompt")
            assertEquals(0L..0L, taps.bounds())
        }
    }

    @Test
    fun `the count since a marker is exact across a correction of the clock`() {
        for (hours in listOf(-2L, 2L)) {
            clock.now = NOON
            val store = memory(listOf("prompt"))
            val taps = store.query("tap").since("prompt")
            store.record("tap", 5)
            store.record("prompt")
            store.record("tap")
            clock.now = NOON.plusSeconds(hours * 3_600)
            assertEquals(1L..1L, taps.bounds(), "$hours")
            store.record("tap", 2)
            assertEquals(3L..3L, taps.bounds(), "$hours")
            clock.now = NOON.plusSeconds(60)
            store.record("tap")
            assertEquals(4L..4L, taps.bounds(), "$hours")
            assertTrue(taps.isComplete())
            store.record("prompt")
            assertEquals(0L..0L, taps.bounds(), "$hours")
        }
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
        fun reopened() = EventStore.open(directory, timeZone = UTC, clock = clock, markers = listOf("prompt"))
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
    fun `a store has at most 8 markers`(@TempDir directory: File) {
        val names = List(8) { "marker $it" }
        memory(names + names[3] + SinceWindow.session().marker).use { store ->
            for (name in names) {
                store.record("tap")
                store.record(name)
            }
            assertEquals(listOf(7L, 6, 5, 4, 3, 2, 1, 0), names.map { store.query("tap").since(it).sum() })
        }
        for (markers in listOf(names + "ninth", listOf("é".repeat(513)))) {
            assertFailsWith<EventStoreException.InvalidArgument> { memory(markers) }
            assertFailsWith<EventStoreException.InvalidArgument> { EventStore.open(directory, markers = markers) }
        }
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
        val asked = mutableSetOf<String>()
        for (step in (table["steps"] as List<*>).map { it as Map<*, *> }) {
            clock.now = Instant.parse(step["at"] as String)
            val recorded = step["record"] as String?
            if (recorded != null) {
                store.record(recorded)
                continue
            }
            val limit = rules.getValue((step["limit"] as String).also { asked += it })
            val decided = step["decide"] as String?
            val decision = if (decided != null) store.limit(decided, limit).checkAndRecord() else store.limit(step["ask"] as String, limit).check()
            assertEquals(step["allowed"], decision.isAllowed, "$step")
            if (decision is Decision.Refused) assertEquals((step["retry_at"] as String?)?.let(Instant::parse), decision.retryAt, "$step")
        }
        assertEquals(rules.keys, asked)
    }
}
