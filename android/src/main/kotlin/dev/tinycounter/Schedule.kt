package dev.tinycounter

import dev.tinycounter.internal.CalendarDate
import dev.tinycounter.internal.Schedule as CoreSchedule
import dev.tinycounter.internal.TimeOfDay
import dev.tinycounter.internal.Weekday
import java.time.DayOfWeek
import java.time.LocalDate
import java.time.LocalTime

/** Recurring times, or dates, in the store's time zone or in UTC. */
public sealed interface Schedule {
    /** True: in the store's time zone. False: in UTC. */
    public val local: Boolean

    /**
     * From the start of the hour [from] (0 to 23) to the start of the hour [until] (0 to 24, and
     * not [from]). From 22 until 6 runs over midnight; [until] is then 0 to 23. For other hours the
     * functions of the limit throw [EventStoreException.InvalidArgument].
     */
    public data class Hours(val from: Int, val until: Int, override val local: Boolean = true) : Schedule

    /** Monday to Friday. */
    public data class Weekdays(override val local: Boolean = true) : Schedule

    /** Saturday and Sunday. */
    public data class Weekends(override val local: Boolean = true) : Schedule

    /**
     * From the time of the day [from] to the time of the day [until]. From 22:30 until 7:00 runs
     * over midnight, and until 0:00 ends at midnight. Both are whole minutes and differ; otherwise
     * the functions of the limit throw [EventStoreException.InvalidArgument].
     */
    public data class Daily(val from: LocalTime, val until: LocalTime, override val local: Boolean = true) : Schedule

    /**
     * The [days] of the week, at least one; without any the functions of the limit throw
     * [EventStoreException.InvalidArgument].
     */
    public data class DaysOfWeek(val days: Set<DayOfWeek>, override val local: Boolean = true) : Schedule

    /**
     * From the beginning of the date [first] to the end of the date [last], in the years 1 to 9999.
     * If [last] is before [first] or a year is out of bounds, the functions of the limit throw
     * [EventStoreException.InvalidArgument].
     */
    public data class Dates(val first: LocalDate, val last: LocalDate, override val local: Boolean = true) : Schedule
}

internal fun Schedule.core(): CoreSchedule = when (this) {
    is Schedule.Hours -> CoreSchedule.Hours(from, until, local)
    is Schedule.Weekdays -> CoreSchedule.Weekdays(local)
    is Schedule.Weekends -> CoreSchedule.Weekends(local)
    is Schedule.Daily -> CoreSchedule.Daily(from.core(), until.core(), local)
    is Schedule.DaysOfWeek -> CoreSchedule.DaysOfWeek(days.map { Weekday.entries[it.ordinal] }, local)
    is Schedule.Dates -> CoreSchedule.Dates(first.core(), last.core(), local)
}

private fun LocalTime.core() = TimeOfDay(hour, minute, toNanoOfDay() % NANOS_OF_MINUTE)

private fun LocalDate.core() = CalendarDate(year, monthValue, dayOfMonth)

private const val NANOS_OF_MINUTE = 60_000_000_000
