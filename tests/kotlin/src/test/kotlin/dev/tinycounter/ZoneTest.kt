package dev.tinycounter

import java.time.Instant
import java.time.LocalTime
import java.time.ZoneId
import java.time.ZoneOffset
import java.util.TimeZone
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

class ZoneTest {
    /** The offset that the core reads from the table. */
    private fun offset(zone: ZoneId, at: Instant): Int {
        val table = zoneTable(zone, NOON)
        val last = table.transitions.lastOrNull { it.atMillis <= at.toEpochMilli() }
        return last?.offsetSeconds ?: table.initialOffsetSeconds
    }

    @Test
    fun `the table matches the zone's rules, five years back and two ahead`() {
        val zones = ZoneId.getAvailableZoneIds().filter { it.hashCode() % 4 == 0 } +
            listOf("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia")
        assertTrue(zones.size > 100)
        for (zone in zones.map(ZoneId::of)) {
            for (days in -5 * 365..2 * 365) {
                val at = NOON.plusSeconds(days * 86_400L)
                assertEquals(zone.rules.getOffset(at).totalSeconds, offset(zone, at), "$zone $at")
            }
        }
    }

    @Test
    fun `fixed offsets and clocks at the ends of time have a table too`() {
        for (zone in listOf(ZoneOffset.UTC, ZoneOffset.ofHours(-18), ZoneOffset.ofHours(18), ZoneId.of("Europe/Berlin"))) {
            for (now in listOf(Instant.EPOCH, Instant.parse("0001-01-01T00:00:00Z"), Instant.parse("9999-12-31T23:00:00Z"), Instant.MAX)) {
                val table = zoneTable(zone, now)
                assertTrue(table.transitions.zipWithNext().all { (a, b) -> a.atMillis < b.atMillis })
            }
            EventStore.inMemory(timeZone = zone, clock = TestClock(Instant.parse("9999-12-31T23:00:00Z"))).close()
        }
    }

    @Test
    fun `the store reports when its table ended`() {
        val clock = TestClock(NOON)
        val store = memory(clock, ZoneId.of("Europe/Berlin"))
        clock.advance(700.days)
        assertNull(store.health.zoneEnded)
        clock.advance(60.days)
        assertEquals(NOON.plusSeconds(732 * 86_400L), store.health.zoneEnded)
        store.renewTimeZone()
        assertNull(store.health.zoneEnded)
    }

    @Test
    fun `a table of a clock that was wrong by years is renewed at the next call`() {
        val clock = TestClock(Instant.parse("2035-01-10T12:00:00Z"))
        val store = memory(clock, ZoneId.of("Europe/Berlin"))
        // 0:30 on the first of July, but 23:30 on 30 June by the winter time with which the table begins.
        clock.now = Instant.parse("2026-06-30T22:30:00Z")
        assertEquals(Instant.parse("2035-01-10T12:00:00Z").minusSeconds(5 * 366 * 86_400L), store.health.zoneEnded)
        store.record("x")
        assertNull(store.health.zoneEnded)
        clock.advance(12.hours)
        assertEquals(listOf(1L, 0), store.query("x").lastDays(2).buckets())
        assertEquals(ZoneId.of("Europe/Berlin"), store.timeZone)
        clock.advance(1_000.days)
        assertEquals(0, store.today("x"))
        assertNull(store.health.zoneEnded)
    }

    @Test
    fun `a limit that is kept reads the zone again when the clock has left its table`() {
        val clock = TestClock(Instant.parse("2035-01-10T12:00:00Z"))
        val store = memory(clock, ZoneId.of("Europe/Berlin"))
        val night = store.limit("x") { during(Schedule.Daily(LocalTime.of(0, 15), LocalTime.of(1, 0))) }
        assertFalse(night.isAllowed())
        // 0:30 of the summer, but 23:30 by the winter time with which the table begins.
        clock.now = Instant.parse("2026-06-30T22:30:00Z")
        assertTrue(night.isAllowed())
    }

    @Test
    fun `a chosen zone stays, and without one the store follows the system`() {
        val before = TimeZone.getDefault()
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Europe/London"))
            val store = EventStore.inMemory(clock = TestClock(Instant.parse("2026-01-10T20:00:00Z")))
            store.record("x")
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
            store.setTimeZone(ZoneId.of("Europe/Berlin"))
            store.renewTimeZone()
            assertEquals(ZoneId.of("Europe/Berlin"), store.timeZone)
            assertEquals(listOf(1L, 0), store.query("x").lastDays(2).buckets())
            store.setTimeZone()
            assertEquals(ZoneId.of("Asia/Tokyo"), store.timeZone)
            assertEquals(listOf(0L, 1), store.query("x").lastDays(2).buckets())
        } finally {
            TimeZone.setDefault(before)
        }
    }

    @Test
    fun `days of 23 and 25 hours are single days`() {
        for (change in listOf("2026-03-29", "2026-10-25")) {
            val clock = TestClock(Instant.parse("${change}T12:00:00Z"))
            val store = memory(clock, ZoneId.of("Europe/Berlin"))
            clock.now = java.time.LocalDate.parse(change).atStartOfDay(ZoneId.of("Europe/Berlin")).toInstant()
            repeat(72) {
                store.record("hour")
                clock.advance(1.hours)
            }
            val hours = store.query("hour").lastDays(4).buckets()
            assertEquals(if (change == "2026-03-29") listOf(1L, 24, 24, 23) else listOf(23L, 24, 25), hours.filter { it > 0 })
        }
    }
}
