package dev.tinycounter

import java.time.DayOfWeek
import java.time.LocalDate
import java.time.LocalTime
import java.time.ZoneId
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes

class ScheduleTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    private fun EventStore.during(schedule: Schedule) = limit("x") { during(schedule) }

    private fun Limiter.wait(): Duration? = assertIs<Decision.Refused>(check()).retryAfter

    @Test
    fun `times of the day count in minutes and may run over midnight`() {
        val night = Schedule.Daily(LocalTime.of(22, 30), LocalTime.of(7, 0))
        assertEquals(10.hours + 30.minutes, store.during(night).wait())
        assertTrue(store.limit("x") { outsideOf(night) }.isAllowed())
        clock.advance(10.hours + 30.minutes)
        assertTrue(store.during(night).isAllowed())
        assertEquals(8.hours + 30.minutes, assertIs<Decision.Refused>(store.limit("x") { outsideOf(night) }.check()).retryAfter)
        val evening = store.during(Schedule.Daily(LocalTime.of(18, 0), LocalTime.MIDNIGHT))
        assertTrue(evening.isAllowed())
        clock.advance(1.hours + 30.minutes)
        assertFalse(evening.isAllowed())
        val always = store.during(Schedule.Daily(LocalTime.MIDNIGHT, LocalTime.MIDNIGHT))
        repeat(24) {
            assertTrue(always.isAllowed())
            clock.advance(1.hours)
        }
    }

    @Test
    fun `schedules are equal if they hold at the same times`() {
        val equal = listOf(
            Schedule.Hours(9, 17) to Schedule.Daily(LocalTime.of(9, 0), LocalTime.of(17, 0)),
            Schedule.Hours(18, 24) to Schedule.Daily(LocalTime.of(18, 0), LocalTime.MIDNIGHT),
            Schedule.Hours(18, 0) to Schedule.Hours(18, 24),
            Schedule.Hours(0, 24) to Schedule.Daily(LocalTime.MIDNIGHT, LocalTime.MIDNIGHT),
            Schedule.Weekends() to Schedule.DaysOfWeek(setOf(DayOfWeek.SUNDAY, DayOfWeek.SATURDAY)),
            Schedule.Weekdays(false) to Schedule.DaysOfWeek(DayOfWeek.entries.take(5).toSet(), false)
        )
        for ((one, other) in equal) {
            assertEquals(one, other)
            assertEquals(one.hashCode(), other.hashCode())
        }
        assertEquals(6, (equal.map { it.first } + Schedule.Hours(9, 17, false)).toSet().size)
        assertNotEquals<Schedule>(Schedule.Weekdays(), Schedule.Weekends())
        assertEquals("Hours(from=9, until=17, local=true)", "${Schedule.Hours(9, 17)}")
    }

    @Test
    fun `days of the week and dates`() {
        // It is Tuesday, noon.
        assertTrue(store.during(Schedule.DaysOfWeek(setOf(DayOfWeek.TUESDAY))).isAllowed())
        assertEquals(60.hours, store.during(Schedule.DaysOfWeek(setOf(DayOfWeek.MONDAY, DayOfWeek.FRIDAY))).wait())
        assertTrue(store.during(Schedule.DaysOfWeek(DayOfWeek.entries.toSet())).isAllowed())
        for (day in DayOfWeek.entries) {
            val days = (day.value - DayOfWeek.TUESDAY.value).mod(7)
            val wait = if (days == 0) null else (days * 24 - 12).hours
            val decision = store.during(Schedule.DaysOfWeek(setOf(day))).check()
            assertEquals(wait, (decision as? Decision.Refused)?.retryAfter, "$day")
        }
        val (tenth, twelfth, fourteenth) = listOf(10, 12, 14).map { LocalDate.of(2026, 3, it) }
        assertTrue(store.during(Schedule.Dates(tenth, tenth)).isAllowed())
        assertEquals(36.hours, store.during(Schedule.Dates(twelfth, fourteenth)).wait())
        val over = store.during(Schedule.Dates(LocalDate.of(2026, 2, 1), LocalDate.of(2026, 2, 28)))
        assertFalse(over.isAllowed())
        assertNull(over.wait())
    }

    @Test
    fun `a schedule is in the store's zone or in UTC`() {
        val berlin = memory(clock, ZoneId.of("Europe/Berlin"))
        clock.now = NOON.plusSeconds(11 * 3_600 + 1_800)
        // 23:30 on Tuesday the tenth by UTC, 0:30 on Wednesday in Berlin.
        val eleventh = LocalDate.of(2026, 3, 11)
        val schedules = listOf<(Boolean) -> Schedule>(
            { Schedule.Daily(LocalTime.of(0, 15), LocalTime.of(0, 45), it) },
            { Schedule.DaysOfWeek(setOf(DayOfWeek.WEDNESDAY), it) },
            { Schedule.Dates(eleventh, eleventh, it) }
        )
        for (schedule in schedules) {
            assertTrue(berlin.during(schedule(true)).isAllowed(), "${schedule(true)}")
            assertFalse(berlin.during(schedule(false)).isAllowed(), "${schedule(false)}")
        }
    }

    @Test
    fun `schedules out of bounds are errors`() {
        val (first, last) = listOf(1, 31).map { LocalDate.of(2026, 3, it) }
        val schedules = listOf(
            Schedule.Daily(LocalTime.of(7, 0), LocalTime.of(7, 0)),
            Schedule.Daily(LocalTime.of(7, 0, 1), LocalTime.of(8, 0)),
            Schedule.Daily(LocalTime.of(7, 0), LocalTime.of(8, 0, 0, 1)),
            Schedule.Daily(LocalTime.of(7, 0), LocalTime.MAX),
            Schedule.DaysOfWeek(emptySet()),
            Schedule.Dates(last, first),
            Schedule.Dates(LocalDate.MIN, last),
            Schedule.Dates(first, LocalDate.MAX),
            Schedule.Dates(LocalDate.of(0, 1, 1), last),
            Schedule.Dates(first, LocalDate.of(10_000, 1, 1))
        )
        for (schedule in schedules) {
            assertFailsWith<EventStoreException.InvalidArgument>("$schedule") { store.during(schedule) }
        }
    }
}
