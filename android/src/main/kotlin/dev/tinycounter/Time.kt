package dev.tinycounter

import dev.tinycounter.internal.ZoneTable
import dev.tinycounter.internal.ZoneTransition
import java.time.Duration
import java.time.Instant
import java.time.ZoneId

/** How far back and ahead a time zone table reaches. Rules of later years tend to change. */
private val BACK = Duration.ofDays(5 * 366)
private val AHEAD = Duration.ofDays(2 * 366)

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
    // Added even if nothing changes, so that the table ends two years ahead and not with the last
    // change.
    val end = middle + AHEAD
    val last = ZoneTransition(end.toEpochMilli(), rules.getOffset(end).totalSeconds)
    return ZoneTable(rules.getOffset(begin).totalSeconds, transitions.filter { it.atMillis < last.atMillis } + last)
}

/** Limits for the middle of a table: it must stay within the years 1 to 9999. */
private val EARLIEST = Instant.parse("0010-01-01T00:00:00Z")
private val LATEST = Instant.parse("9990-01-01T00:00:00Z")

/** Milliseconds since 1970, clamped to 64 bits. The core rejects the clamped values. */
internal fun Instant.unixMillis(): Long = try {
    toEpochMilli()
} catch (_: ArithmeticException) {
    if (this > Instant.EPOCH) Long.MAX_VALUE else Long.MIN_VALUE
}
