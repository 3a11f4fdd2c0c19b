package dev.tinycounter

import dev.tinycounter.internal.Options as CoreOptions
import dev.tinycounter.internal.TimeUnit as CoreUnit
import dev.tinycounter.internal.TrackedUnit as CoreTrackedUnit
import dev.tinycounter.internal.Writes as CoreWrites
import java.io.File
import java.time.Instant
import java.time.ZoneId

/** When a recording reaches the store's file. */
public enum class Writes(internal val core: CoreWrites) {
    /** Soon after the recording, on a background thread. The caller never waits for the disk. */
    BACKGROUND(CoreWrites.BACKGROUND),

    /** Before the recording returns, so that it survives a kill of the process at any moment. */
    INLINE(CoreWrites.INLINE)
}

/**
 * A unit of time. Seconds, minutes and hours are in UTC. Days, weeks (from Monday), months and
 * years are in the local calendar at the time of recording. As the window of a rule it is the
 * current unit: [DAYS] is today.
 */
public enum class TimeUnit(internal val core: CoreUnit) : Window {
    SECONDS(CoreUnit.SECONDS),
    MINUTES(CoreUnit.MINUTES),
    HOURS(CoreUnit.HOURS),
    DAYS(CoreUnit.DAYS),
    WEEKS(CoreUnit.WEEKS),
    MONTHS(CoreUnit.MONTHS),
    YEARS(CoreUnit.YEARS),

    /**
     * All time. In a question it is all buckets of the longest tracked unit, in a rule everything
     * that was ever counted. It cannot be tracked.
     */
    EVER(CoreUnit.EVER)
    ;

    internal companion object {
        fun of(core: CoreUnit): TimeUnit = entries.first { it.core == core }
    }
}

internal fun options(
    tracking: Map<TimeUnit, Int>,
    zone: ZoneId,
    clock: TestClock?,
    syncKeys: SyncKeys?,
    identity: File? = null,
    markers: List<String> = emptyList()
) = CoreOptions(
    units = tracking.map { (unit, buckets) -> CoreTrackedUnit(unit.core, buckets.toLong()) },
    zone = zoneTable(zone, clock?.now ?: Instant.now()),
    identity = identity?.path,
    clock = clock?.core,
    syncKeys = syncKeys?.core,
    markers = markers
)
