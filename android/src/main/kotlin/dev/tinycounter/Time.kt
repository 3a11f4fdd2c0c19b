package dev.tinycounter

import dev.tinycounter.internal.ZoneTable
import dev.tinycounter.internal.ZoneTransition
import java.time.Duration
import java.time.Instant
import java.time.ZoneId

/** How far a table of a time zone reaches; rules further ahead than two years tend to change. */
private val BACK = Duration.ofDays(5 * 366)
private val AHEAD = Duration.ofDays(2 * 366)

/**
 * The offsets of [zone] around [now], as the core wants them. It asks for nothing itself: what a native library sees of the
 * system's zone on a phone has been wrong or slow.
 */
internal fun zoneTable(zone: ZoneId, now: Instant): ZoneTable {
    val rules = zone.rules
    val middle = now.coerceIn(EARLIEST, LATEST)
    val begin = middle - BACK
    val transitions = generateSequence(rules.nextTransition(begin)) { rules.nextTransition(it.instant) }
        .takeWhile { it.instant <= middle + AHEAD }
        .map { ZoneTransition(it.instant.toEpochMilli(), it.offsetAfter.totalSeconds) }
        .toList()
    // Said even where nothing changes, so that the table ends two years ahead and not with the last change.
    val end = middle + AHEAD
    val last = ZoneTransition(end.toEpochMilli(), rules.getOffset(end).totalSeconds)
    return ZoneTable(rules.getOffset(begin).totalSeconds, transitions.filter { it.atMillis < last.atMillis } + last)
}

/** Far enough from the ends of what the core counts with, the years 1 and 9999. */
private val EARLIEST = Instant.parse("0010-01-01T00:00:00Z")
private val LATEST = Instant.parse("9990-01-01T00:00:00Z")

/** Milliseconds since 1970; what does not fit is held to what does, and the core says that it cannot be. */
internal fun Instant.unixMillis(): Long = try {
    toEpochMilli()
} catch (_: ArithmeticException) {
    if (this > Instant.EPOCH) Long.MAX_VALUE else Long.MIN_VALUE
}
