package dev.tinycounter

import dev.tinycounter.internal.CalendarDate
import dev.tinycounter.internal.Schedule as CoreSchedule
import dev.tinycounter.internal.TimeOfDay
import dev.tinycounter.internal.Weekday
import java.time.DayOfWeek
import java.time.LocalDate
import java.time.LocalTime

/**
 * Recurring times, or dates, in the store's time zone or in UTC. Two schedules are equal if they
 * hold at the same times: `Hours(9, 17)` equals `Daily(LocalTime.of(9, 0), LocalTime.of(17, 0))`.
 */
public sealed class Schedule {
    /** True: in the store's time zone. False: in UTC. */
    public abstract val local: Boolean

    /** When it holds, in a form that is the same for equal schedules. */
    internal abstract val times: Any

    // Data classes do not override final functions.
    final override fun equals(other: Any?): Boolean = other is Schedule && local == other.local && times == other.times

    final override fun hashCode(): Int = 31 * times.hashCode() + local.hashCode()

    /**
     * From the start of the hour [from] (0 to 23) to the start of the hour [until] (0 to 24, and
     * not [from]). From 22 until 6 runs over midnight; [until] is then 0 to 23. For other hours
     * [EventStore.limit] throws [EventStoreException.InvalidArgument].
     */
    public data class Hours(val from: Int, val until: Int, override val local: Boolean = true) : Schedule() {
        override val times: Any get() = daily(from * NANOS_OF_HOUR, until * NANOS_OF_HOUR)
    }

    /** Monday to Friday. */
    public data class Weekdays(override val local: Boolean = true) : Schedule() {
        override val times: Any get() = DayOfWeek.entries.toSet() - WEEKEND
    }

    /** Saturday and Sunday. */
    public data class Weekends(override val local: Boolean = true) : Schedule() {
        override val times: Any get() = WEEKEND
    }

    /**
     * From the time of the day [from] to the time of the day [until]. From 22:30 until 7:00 runs
     * over midnight. Until 0:00 is until the end of the day, so from 0:00 until 0:00 is the whole
     * day. Both are whole minutes, and other times differ; otherwise [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    public data class Daily(val from: LocalTime, val until: LocalTime, override val local: Boolean = true) : Schedule() {
        override val times: Any get() = daily(from.toNanoOfDay(), until.toNanoOfDay())
    }

    /**
     * The [days] of the week, at least one; without any [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    public data class DaysOfWeek(val days: Set<DayOfWeek>, override val local: Boolean = true) : Schedule() {
        override val times: Any get() = days
    }

    /**
     * From the beginning of the date [first] to the end of the date [last], in the years 1 to 9999.
     * If [last] is before [first] or a year is out of bounds, [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    public data class Dates(val first: LocalDate, val last: LocalDate, override val local: Boolean = true) : Schedule() {
        override val times: Any get() = first to last
    }
}

internal fun Schedule.core(): CoreSchedule = when (this) {
    is Schedule.Hours -> CoreSchedule.Hours(from, until, local)
    is Schedule.Weekdays -> CoreSchedule.Weekdays(local)
    is Schedule.Weekends -> CoreSchedule.Weekends(local)
    is Schedule.Daily -> CoreSchedule.Daily(from.core(), if (until == LocalTime.MIDNIGHT) END_OF_DAY else until.core(), local)
    is Schedule.DaysOfWeek -> CoreSchedule.DaysOfWeek(days.map { Weekday.entries[it.ordinal] }, local)
    is Schedule.Dates -> CoreSchedule.Dates(first.core(), last.core(), local)
}

internal fun CoreSchedule.facade(): Schedule = when (this) {
    is CoreSchedule.Hours -> Schedule.Hours(start, end, local)
    is CoreSchedule.Weekdays -> Schedule.Weekdays(local)
    is CoreSchedule.Weekends -> Schedule.Weekends(local)
    is CoreSchedule.Daily -> Schedule.Daily(start.facade(), end.facade(), local)
    is CoreSchedule.DaysOfWeek -> Schedule.DaysOfWeek(days.map { DayOfWeek.entries[it.ordinal] }.toSet(), local)
    is CoreSchedule.Dates -> Schedule.Dates(first.facade(), last.facade(), local)
}

private fun LocalTime.core() = TimeOfDay(hour, minute, toNanoOfDay() % NANOS_OF_MINUTE)

private fun TimeOfDay.facade() = LocalTime.of(hour % 24, minute)

private fun LocalDate.core() = CalendarDate(year, monthValue, dayOfMonth)

private fun CalendarDate.facade() = LocalDate.of(year, month, day)

/** From one time of the day until another. Until 0:00 is until the end of the day. */
private fun daily(from: Long, until: Long) = from to if (until == 0L) NANOS_OF_DAY else until

private val WEEKEND = setOf(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY)
private val END_OF_DAY = TimeOfDay(24, 0, 0)
private const val NANOS_OF_MINUTE = 60_000_000_000
private const val NANOS_OF_HOUR = 60 * NANOS_OF_MINUTE
private const val NANOS_OF_DAY = 24 * NANOS_OF_HOUR
