package dev.tinycounter

import dev.tinycounter.internal.ZoneTable
import dev.tinycounter.internal.ZoneTransition
import java.time.Instant
import java.time.ZoneId
import kotlin.math.roundToLong
import kotlin.math.sign
import kotlin.time.Duration
import kotlin.time.DurationUnit

/** How far back and ahead a time zone table reaches. Rules of later years tend to change. */
private val BACK = java.time.Duration.ofDays(5 * 366)
private val AHEAD = java.time.Duration.ofDays(2 * 366)

/** The times that a table around [now] covers, all in milliseconds since 1970. */
internal fun zoneReach(now: Long): LongRange = now - BACK.toMillis()..<now + AHEAD.toMillis()

/**
 * The offsets of [zone] around [now], for the core. The core does not read the system's zone
 * itself, because a native library cannot read it reliably on phones.
 */
internal fun zoneTable(zone: ZoneId, now: Instant): ZoneTable {
    val rules = zone.rules
    val middle = now.coerceIn(EARLIEST, LATEST)
    val begin = middle - BACK
    val transitions = generateSequence(rules.nextTransition(begin)) { rules.nextTransition(it.instant) }
        .takeWhile { it.instant <= middle + AHEAD }
        .map { ZoneTransition(it.instant.toEpochMilli(), it.offsetAfter.totalSeconds) }
        .toList()
    // Both ends are entries even if nothing changes there, so that the store knows how far the
    // table reaches.
    val (first, last) = listOf(begin, middle + AHEAD).map { ZoneTransition(it.toEpochMilli(), rules.getOffset(it).totalSeconds) }
    return ZoneTable(first.offsetSeconds, listOf(first) + transitions.filter { it.atMillis < last.atMillis } + last)
}

/** Limits for the middle of a table: it must stay within the years 1 to 9999. */
private val EARLIEST = Instant.parse("0010-01-01T00:00:00Z")
private val LATEST = Instant.parse("9990-01-01T00:00:00Z")

/** Rounded to milliseconds, half a millisecond away from zero. Clamped to 64 bits. */
internal fun Duration.roundedMillis(): Long {
    val millis = absoluteValue.toDouble(DurationUnit.MILLISECONDS).roundToLong()
    return if (isNegative()) -millis else millis
}

/**
 * [roundedMillis], but a duration of less than a millisecond is a whole one. So only a duration of
 * zero has none, and a negative one stays negative.
 */
internal fun Duration.spanMillis(): Long {
    val millis = roundedMillis()
    return if (millis == 0L) compareTo(Duration.ZERO).sign.toLong() else millis
}

/** Milliseconds since 1970, clamped to 64 bits. The core rejects the clamped values. */
internal fun Instant.unixMillis(): Long = try {
    toEpochMilli()
} catch (_: ArithmeticException) {
    if (this > Instant.EPOCH) Long.MAX_VALUE else Long.MIN_VALUE
}
