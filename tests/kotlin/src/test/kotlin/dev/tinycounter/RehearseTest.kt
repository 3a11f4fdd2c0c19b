package dev.tinycounter

import java.time.Instant
import java.time.temporal.ChronoUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

/** Limits on dated events. */
class RehearseTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)
    private val begin = Instant.parse("2026-02-01T18:00:00Z")

    private fun day(n: Int): Instant = begin.plus(n.toLong(), ChronoUnit.DAYS)

    @Test
    fun `a rehearsal shows when a prompt would have been allowed`() {
        val prompt = store.limit("prompt") {
            atMost(1, 7.days)
            atLeast("launch", 3, TimeUnit.EVER)
            cooldown("crash", 2.days)
        }
        // What is in the store does not matter.
        store.record("prompt")
        // Out of order, and one launch at the very instant that is asked.
        val history = listOf(
            Occurrence("crash", day(8)),
            Occurrence("launch", day(0), count = 2),
            Occurrence("launch", day(1)),
            Occurrence("launch", day(90))
        )
        val shown = prompt.rehearse(history, List(30) { day(29 - it) })
        assertEquals(listOf(1, 10, 17, 24).map(::day), shown, "over 30 days it is shown 4 times")
        assertEquals(1, store.query("prompt").lifetime(), "nothing is recorded")
        assertNull(store.query("launch").lifetime())
    }

    @Test
    fun `a rehearsal decides as a store under a test clock does`() {
        val limit = Limit(
            Rule.AtMost("tip", 2, TimeUnit.DAYS),
            Rule.AtMost("any", 9, CalendarWindow(7, TimeUnit.DAYS)),
            Rule.NoneOf(Rule.Within("crash", 30.hours)),
            alsoRecord = listOf("any")
        )
        val crashes = listOf(40, 100, 333)
        val asked = List(167) { it * 3 }
        fun hour(n: Int) = begin.plusSeconds(n * 3_600L)
        val rehearsed = store.limit("tip", limit).rehearse(crashes.map { Occurrence("crash", hour(it)) }, asked.map(::hour))

        clock.now = begin
        val other = memory(clock)
        val shown = asked.filter { n ->
            for (crash in crashes.filter { it in n - 2..n }) {
                clock.now = hour(crash)
                other.record("crash")
            }
            clock.now = hour(n)
            other.limit("tip", limit).checkAndRecord().isAllowed
        }
        assertEquals(shown.map(::hour), rehearsed)
        assertTrue(shown.size > 25, "${shown.size}")
    }

    @Test
    fun `the recorded history of an event can be rehearsed`() {
        for (days in listOf(20, 9, 9, 2, 0)) store.recordAgo("launch", days.days)
        store.recordAgo("launch", 80.days)
        val midnight = Instant.parse("2026-03-10T00:00:00Z")
        fun ago(days: Int) = midnight.minus(days.toLong(), ChronoUnit.DAYS)
        val history = store.dailyHistory("launch")
        val expected = listOf(20 to 1L, 9 to 2L, 2 to 1L, 0 to 1L).map { (days, count) -> Occurrence("launch", ago(days), count) }
        assertEquals(expected, history, "the tracked days only")
        assertEquals(emptyList(), store.dailyHistory("never"))
        val prompt = store.limit("prompt") {
            atLeast("launch", 2, 28.days)
            atMost(1, 8.days)
        }
        assertEquals(listOf(9, 0).map(::ago), prompt.rehearse(history, history.map { it.at }))
    }

    @Test
    fun `a new rule is tried on a real export`() {
        store.merge(repository.resolve("tests/fixtures/export-v1.bin").readBytes())
        val launches = store.dailyHistory("app_launch")
        assertEquals(store.query("app_launch").lastDays(56).sum(), launches.sumOf { it.count })
        val days = launches.map { it.at }
        assertTrue(days.size > 3, "${days.size}")
        val rules = """[{"at_least": 1, "of": "app_launch", "within": {"days": 1}}, {"cooldown": "P1D", "of": "tip"}]"""
        val rule = Limit.fromJson("""{"version": 1, "all": $rules}""")
        assertEquals(days, store.limit("tip", rule).rehearse(launches, days))
        assertEquals(emptyList(), store.limit("tip", rule).rehearse(emptyList(), days))
    }

    @Test
    fun `a rehearsal has the marker in its history`() {
        val store = EventStore.inMemory(timeZone = UTC, clock = clock, markers = listOf("m"))
        val tip = store.limit("tip") { atMost(2, since("m")) }
        fun minute(n: Int) = NOON.plusSeconds(n * 60L)
        val history = listOf(0, 55, 500).map { Occurrence("m", minute(it)) }
        val shown = tip.rehearse(history, List(100) { minute(10 * it) })
        assertEquals(listOf(0, 10, 60, 70, 500, 510).map(::minute), shown)
        assertEquals(emptyList(), store.events, "nothing is recorded")
    }

    @Test
    fun `occurrences out of bounds are errors`() {
        val limit = store.limit("x") { atMost(1, 1.days) }
        val invalid = listOf(
            listOf(Occurrence("x", day(0), -1)) to listOf(day(0)),
            listOf(Occurrence("x", day(0), Long.MAX_VALUE)) to listOf(day(0)),
            listOf(Occurrence("x", Instant.MAX)) to listOf(day(0)),
            listOf(Occurrence("é".repeat(513), day(0))) to listOf(day(0)),
            emptyList<Occurrence>() to listOf(Instant.MIN),
            listOf(Occurrence("x", day(-6 * 366))) to listOf(day(0)), // the rules of the time zone are not known
            emptyList<Occurrence>() to listOf(day(3 * 366))
        )
        for ((history, asked) in invalid) {
            assertFailsWith<EventStoreException.InvalidArgument>("$history") { limit.rehearse(history, asked) }
        }
        assertEquals(emptyList(), limit.rehearse(emptyList(), emptyList()))
    }
}
