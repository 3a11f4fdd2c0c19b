package dev.tinycounter

import dev.tinycounter.internal.DatedCount as CoreCount
import java.time.LocalDate

/** The count of a bucket: see [RangeQuery.bucketsByDate]. */
public data class DatedCount(
    /**
     * The date on which the bucket begins: the day, a Monday, or the first day of a month or a
     * year.
     */
    val date: LocalDate,
    /** The count, 0 or more. */
    val count: Long
) {
    internal constructor(core: CoreCount) : this(LocalDate.of(core.date.year, core.date.month, core.date.day), core.count)
}
