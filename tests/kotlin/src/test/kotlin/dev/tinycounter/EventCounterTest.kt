package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days

/** A store behind the interface that an app can replace in tests. */
class EventCounterTest {
    /** What an app would write. */
    private class Prompt(private val counts: EventCounter) {
        fun opened() = counts.record("launch")

        fun mayShow() = counts.limit("prompt") { atLeast("launch", 3, 7.days) }.isAllowed()
    }

    private enum class Screen(override val eventName: String) : EventName { HOME("home") }

    private class Recorded(store: EventStore) : EventCounter by store {
        val names = mutableListOf<String>()

        override fun record(event: String) {
            names += event
        }
    }

    private val clock = TestClock(NOON)

    @Test
    fun `an app runs on a store and on what takes its place`() {
        val store = memory(clock)
        val recorded = Recorded(store)
        val (real, replaced) = Prompt(store) to Prompt(recorded)
        repeat(3) { real.opened() }
        assertTrue(real.mayShow())
        replaced.opened()
        assertEquals(listOf("launch"), recorded.names)
        assertEquals(3, store.query("launch").lifetime(), "it is not counted")
        clock.advance(8.days)
        assertFalse(replaced.mayShow())
    }

    @Test
    fun `every call passes through the interface`() {
        val counts: EventCounter = memory(clock)
        assertEquals(NOON, counts.now)
        counts.record("a", 2)
        counts.recordAt("a", NOON.minusSeconds(86_400))
        counts.recordAt("a", NOON.minusSeconds(86_400), 2)
        counts.recordAgo("a", 2.days)
        counts.record(Screen.HOME)
        counts.session()
        assertTrue(counts.appVersion("1"))
        assertEquals(listOf<Long>(2, 3, 1), counts.query("a").lastDays(3).buckets())
        assertEquals(7, counts.query(listOf("a", "home")).lifetime())
        assertEquals(6.0, counts.ratio("a", "home").lastDays(7))
        assertEquals(5, counts.delta("a", "home").lastDays(7).sum())
        assertFalse(counts.limit("a", Limit(Rule.AtMost("a", 6, 7.days))).isAllowed())
    }

    @Test
    fun `a test makes the errors that it lets a call throw`() {
        val errors = listOf(
            EventStoreException.InvalidArgument("m"), EventStoreException.InvalidRules("m", "/limits"), EventStoreException.Unavailable("m"),
            EventStoreException.Storage("m"), EventStoreException.NotWritten("m"), EventStoreException.ReservationExpired("m"),
            EventStoreException.Corrupt("m"), EventStoreException.Incompatible("m"), EventStoreException.SyncKeyRequired("m"),
            EventStoreException.Closed("m"), EventStoreException.NativeLibrary("m"), EventStoreException.Unexpected("m")
        )
        assertEquals(List(errors.size) { "m" to null }, errors.map { it.message to it.event })
        assertEquals("launch", EventStoreException.Storage("m", "launch").event)
        assertTrue(Changed(listOf("launch")).concerns("launch"))
    }
}
