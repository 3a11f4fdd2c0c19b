package dev.tinycounter

import java.time.ZoneOffset
import kotlin.test.Test
import kotlin.test.assertContains
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

/** What each rule of a limit counts and says. */
class ExplainTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock, ZoneOffset.ofHours(2))

    @Test
    fun `an explanation has the numbers, the window and the wait of each rule`() {
        clock.advance(30.minutes)
        // In the hour in which the window begins.
        store.recordAgo("tip", 24.hours + 20.minutes, 2)
        store.record("tip")
        val limit = store.limit("secret") {
            atMost("tip", 3, 1.days)
            atLeast("launch", 2, CalendarWindow(7, TimeUnit.DAYS))
            anyOf {
                cooldown("tip", 1.hours)
                during(Schedule.Hours(8, 22, local = false))
            }
            atMost("tip", 9, TimeUnit.EVER)
        }
        val reserved = assertIs<Reservation>(store.limit("tip", Limit()).reserve())
        val explanation = limit.explain()
        assertEquals(clock.now, explanation.at)
        assertFalse(explanation.passes)
        assertNull(explanation.retryAfter, "launch does not happen by itself")
        assertNull(explanation.retryAt)
        assertEquals(limit.limit.rules, explanation.rules.map { it.rule })

        val (tips, launches, group, ever) = explanation.rules
        assertEquals(1L..3L, tips.counted)
        assertEquals(1L, tips.reserved)
        assertFalse(tips.passes || tips.afterLoss)
        assertEquals(clock.now.minusMillis(24 * 3_600_000 - 1), tips.since)
        assertTrue(tips.changesAfter!! > Duration.ZERO)
        assertEquals(listOf<Any?>(0L..0L, false, null), listOf(launches.counted, launches.passes, launches.changesAfter))
        assertEquals(java.time.LocalDate.of(2026, 3, 4).atStartOfDay(ZoneOffset.ofHours(2)).toInstant(), launches.since)
        assertTrue(group.passes)
        assertNull(group.counted)
        assertEquals((group.rule as Rule.AnyOf).rules, group.rules.map { it.rule })
        assertEquals(listOf(false, true), group.rules.map { it.passes })
        assertEquals(9.hours + 30.minutes, group.rules[1].changesAfter)
        assertEquals(listOf<Any?>(3L..3L, null), listOf(ever.counted, ever.since))

        val table = explanation.toString()
        assertEquals(explanation.text, table)
        assertTrue(table.startsWith("2026-03-10 14:30:00 +02:00: the limit refuses"), table)
        assertContains(table, "| no | tip | at most 3 in the last 1 day | 1 to 3 + 1 reserved | 2026-03-09 14:30:00 +02:00 |")
        assertContains(table, "| > not within 1 hour after the event |")
        assertFalse("secret" in table, table)
        reserved.cancel()
    }

    @Test
    fun `an explanation agrees with the decision`() {
        val tip = store.limit("tip") {
            atMost(1, 9.hours)
            during(Schedule.Hours(8, 20))
        }
        val allowed = tip.explain()
        assertEquals(listOf<Any?>(true, Duration.ZERO, NOON), listOf(allowed.passes, allowed.retryAfter, allowed.retryAt))
        assertTrue(tip.checkAndRecord().isAllowed)
        val refused = assertIs<Decision.Refused>(tip.check())
        val explanation = tip.explain()
        assertEquals(refused.retryAfter, explanation.retryAfter)
        assertEquals(refused.retryAt, explanation.retryAt)
        assertEquals(listOf(false, true), explanation.rules.map { it.passes })
        assertEquals(tip.explain(), explanation)
        assertEquals(1, store.today("tip"), "nothing is recorded")
    }

    @Test
    fun `the text names no other events`() {
        val store = EventStore.inMemory(timeZone = UTC, clock = clock, markers = listOf("prompt", "unused marker"))
        for (event in listOf("launch", "other stored", "also recorded", "unused marker", "prompt", "launch")) store.record(event)
        val explanation = store.limit("asked") {
            atLeast("launch", 3, since("prompt"))
            alsoRecord("also recorded")
        }.explain()
        assertContains(explanation.text, "| no | launch | at least 3 since the marker prompt | 1 |")
        assertEquals(listOf(1L..1L to NOON), explanation.rules.map { it.counted to it.since })
        for (name in listOf("asked", "other stored", "also recorded", "unused marker")) {
            assertFalse(name in explanation.text, explanation.text)
        }
    }

    @Test
    fun `an invalid limit has no explanation, nor has one of a closed store`() {
        assertFailsWith<EventStoreException.InvalidArgument> { store.limit("x") { cooldown(Duration.ZERO) } }
        val limit = store.limit("x") { cooldown(1.hours) }
        store.close()
        assertFailsWith<EventStoreException.Closed> { limit.explain() }
    }
}
