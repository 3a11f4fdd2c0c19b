package dev.tinycounter

import java.time.Instant
import java.time.LocalDate
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

/** Typed names, lists of events, and short forms. */
class EventNameTest {
    private enum class Tap(override val eventName: String) : EventName {
        LAUNCH("app_launch"),
        CRASH("crash"),
        PROMPT("prompt"),
        MESSAGE("any_message")
    }

    private val clock = TestClock(NOON)
    private val store = memory(clock)

    @Test
    fun `a typed event is the event of its name`() {
        store.record(Tap.LAUNCH)
        store.record(Tap.LAUNCH, 2)
        store.recordNow(Tap.LAUNCH)
        store.recordAt(Tap.LAUNCH, NOON)
        store.recordAgo(Tap.LAUNCH, 1.days)
        store.event(Tap.LAUNCH).record()
        assertEquals(6, store.today("app_launch"))
        assertEquals(7, store.query(Tap.LAUNCH).ever().sum())
        assertEquals(2, store.dailyHistory(Tap.LAUNCH).size)
        store.record(Tap.CRASH)
        assertEquals(8, store.query(Tap.LAUNCH, Tap.CRASH).lifetime())
        assertEquals(1.0 / 6, store.ratio(Tap.CRASH, Tap.LAUNCH).today())
        assertEquals(5, store.delta(Tap.LAUNCH, Tap.CRASH).today().sum())
        val (both, ratio, delta) = store.query {
            Triple(event(Tap.LAUNCH, Tap.CRASH).lifetime(), ratio(Tap.CRASH, Tap.LAUNCH).today(), delta(Tap.LAUNCH, Tap.CRASH).ever().sum())
        }
        assertEquals(Triple(8L, 1.0 / 6, 6L), Triple(both.value, ratio.value, delta.value))
        assertTrue(store.erase(Tap.CRASH))
        assertEquals(listOf("app_launch"), store.events)
    }

    @Test
    fun `the rules of a limit take typed events`() {
        val marked = EventStore.inMemory(timeZone = UTC, clock = clock, markers = listOf("prompt"))
        val prompt = marked.limit(Tap.PROMPT) {
            atMost(Tap.PROMPT, 1, 7.days)
            atMost(Tap.MESSAGE, 2, today)
            atLeast(Tap.LAUNCH, 2)
            atLeast(Tap.LAUNCH, 1, 7.days)
            atLeast(Tap.LAUNCH, 1, since(Tap.PROMPT))
            cooldown(Tap.CRASH, 2.days)
            within(Tap.LAUNCH, 1.hours)
            alsoRecord(Tap.MESSAGE)
        }
        val expected = Limit(
            Rule.AtMost("prompt", 1, 7.days), Rule.AtMost("any_message", 2, TimeUnit.DAYS), Rule.AtLeast("app_launch", 2, TimeUnit.EVER),
            Rule.AtLeast("app_launch", 1, 7.days), Rule.AtLeast("app_launch", 1, SinceWindow("prompt")), Rule.Cooldown("crash", 2.days),
            Rule.Within("app_launch", 1.hours), alsoRecord = listOf("any_message")
        )
        assertEquals(expected, prompt.limit)
        assertFalse(prompt.isAllowed())
        marked.record(Tap.LAUNCH, 2)
        assertTrue(marked.limit(Tap.PROMPT, expected).checkAndRecord().isAllowed)
        assertEquals(0, marked.query(Tap.LAUNCH).since(Tap.PROMPT).sum())
    }

    @Test
    fun `a list of events is asked at once`() {
        store.record("a")
        store.record("b", 2)
        val events = mutableListOf("a", "b", "a")
        val query = store.query(events)
        events.clear()
        assertEquals(4, query.ever().sum())
        assertEquals(4, store.query { event(listOf("a", "b", "a")).ever().sum() }.value)
        assertNull(store.query(emptyList()).ever().sum())
    }

    @Test
    fun `calendar words are the current units`() {
        store.recordAt("tap", Instant.parse("2026-03-10T00:00:00Z"))
        store.recordAt("tap", Instant.parse("2026-03-09T00:00:00Z")) // Monday
        store.recordAt("tap", Instant.parse("2026-03-01T00:00:00Z"))
        store.recordAt("tap", Instant.parse("2026-01-01T00:00:00Z"))
        store.recordAt("tap", Instant.parse("2025-12-31T23:59:59Z"))
        val tap = store.event("tap").query
        assertEquals(listOf<Long?>(1, 2, 3, 4), listOf(tap.today().sum(), tap.thisWeek().sum(), tap.thisMonth().sum(), tap.thisYear().sum()))
        assertEquals(1, tap.range(TimeUnit.YEARS, from = 1).sum())
        assertEquals(2, tap.range(TimeUnit.DAYS, from = 1).sum(), "what 56 days hold before today")
        assertFailsWith<EventStoreException.InvalidArgument> { tap.range(TimeUnit.DAYS, from = -1).sum() }
        val full = listOf(1, 2, 3, 4).map { most ->
            store.event("tap").limit {
                atMost(most, listOf(today, thisWeek, thisMonth, thisYear)[most - 1])
            }
        }
        assertTrue(full.none { it.isAllowed() })
        clock.now = Instant.parse("2027-01-01T00:00:00Z")
        assertTrue(full.all { it.isAllowed() })
        assertEquals(clock.now, store.now)
    }

    @Test
    fun `buckets have their dates, oldest first, for a chart`() {
        store.record("tap", 3)
        store.recordAgo("tap", 2.days)
        val days = listOf(DatedCount(LocalDate.of(2026, 3, 8), 1), DatedCount(LocalDate.of(2026, 3, 9), 0), DatedCount(LocalDate.of(2026, 3, 10), 3))
        assertEquals(days, store.query("tap").lastDays(3).bucketsByDate())
        assertEquals(days, store.query { event("tap").lastDays(3).bucketsByDate() }.value)
        assertEquals(listOf(LocalDate.of(2026, 3, 2), LocalDate.of(2026, 3, 9)), store.query("tap").lastWeeks(2).bucketsByDate().map { it.date })
        assertEquals(emptyList(), store.query("tap").lastHours(3).bucketsByDate())
        assertEquals(emptyList(), store.query("never").lastDays(3).bucketsByDate())
    }

    @Test
    fun `limits are added up`() {
        val calm = Limit(Rule.Cooldown("crash", 2.days), alsoRecord = listOf("any_message"))
        val rare = Limit(Rule.AtMost("tip", 1, 7.days), alsoRecord = listOf("any_message", "tips"))
        val both = calm + rare + Rule.During(Schedule.Hours(9, 21))
        assertEquals(
            Limit(
                Rule.Cooldown("crash", 2.days), Rule.AtMost("tip", 1, 7.days), Rule.During(Schedule.Hours(9, 21)),
                alsoRecord = listOf("any_message", "tips")
            ),
            both
        )
        assertTrue(store.limit("tip", both).checkAndRecord().isAllowed)
        assertEquals(1, store.today("tips"))
    }

    @Test
    fun `presets are the units of their names`() {
        assertEquals(Tracking.STANDARD, memory().tracking)
        for (preset in listOf(Tracking.STANDARD, Tracking.RATE_LIMITING, Tracking.ANALYTICS)) {
            assertEquals(preset, memory(tracking = preset).tracking)
        }
    }
}
