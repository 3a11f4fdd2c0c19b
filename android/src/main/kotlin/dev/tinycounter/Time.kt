package dev.tinycounter

import dev.tinycounter.internal.ZoneTable
import dev.tinycounter.internal.ZoneTransition
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.ZoneOffset
import kotlin.time.Duration
import kotlin.time.DurationUnit

/** How far back and ahead a time zone table reaches. Rules of later years tend to change. */
private val BACK = java.time.Duration.ofDays(5 * 366)
private val AHEAD = java.time.Duration.ofDays(2 * 366)

/** The times that a table around [now] covers, all in milliseconds since 1970. */
internal class ZoneReach(now: Long) {
    private val begin = now - BACK.toMillis()
    private val end = now + AHEAD.toMillis()

    operator fun contains(at: Long): Boolean = at >= begin && at < end
}

/**
 * The offsets of [zone] around [now], for the core. The core does not read the system's zone
 * itself, because a native library cannot read it reliably on phones.
 */
internal fun zoneTable(zone: ZoneId, now: Instant): ZoneTable {
    val rules = zone.rules
    // `coerceIn` would load a large class, as `kotlin.math` would below.
    val middle = if (now < EARLIEST) EARLIEST else if (now > LATEST) LATEST else now
    val begin = middle - BACK
    val end = middle + AHEAD
    fun at(instant: Instant, offset: ZoneOffset) = ZoneTransition(instant.toEpochMilli(), offset.totalSeconds)
    // Both ends are entries even if nothing changes there, so that the store knows how far the
    // table reaches.
    val table = mutableListOf(at(begin, rules.getOffset(begin)))
    var next = rules.nextTransition(begin)
    while (next != null && next.instant < end) {
        table += at(next.instant, next.offsetAfter)
        next = rules.nextTransition(next.instant)
    }
    table += at(end, rules.getOffset(end))
    return ZoneTable(table.first().offsetSeconds, table)
}

/** Limits for the middle of a table: it must stay within the years 1 to 9999. */
private val EARLIEST = startOfYear(10)
private val LATEST = startOfYear(9_990)

/** A text would load the parser of dates, which takes longer than all else. */
private fun startOfYear(year: Int): Instant = LocalDate.of(year, 1, 1).atStartOfDay().toInstant(ZoneOffset.UTC)

/** Rounded to milliseconds, half a millisecond away from zero. Clamped to 64 bits. */
internal fun Duration.roundedMillis(): Long {
    val millis = Math.round(absoluteValue.toDouble(DurationUnit.MILLISECONDS))
    return if (isNegative()) -millis else millis
}

/**
 * [roundedMillis], but a duration of less than a millisecond is a whole one. So only a duration of
 * zero has none, and a negative one stays negative.
 */
internal fun Duration.spanMillis(): Long {
    val millis = roundedMillis()
    return if (millis != 0L || this == Duration.ZERO) millis else if (isNegative()) -1 else 1
}

/** Milliseconds since 1970, clamped to 64 bits. The core rejects the clamped values. */
internal fun Instant.unixMillis(): Long = try {
    toEpochMilli()
} catch (_: ArithmeticException) {
    if (this > Instant.EPOCH) Long.MAX_VALUE else Long.MIN_VALUE
}
