package dev.tinycounter

import dev.tinycounter.internal.Measure
import dev.tinycounter.internal.QueryRange as CoreRange
import java.time.Instant
import kotlin.time.Duration

/**
 * Chooses the buckets of a question. A calendar range reaches no further back than its unit is
 * tracked. A rolling range reaches back over one bucket less than twice the tracked ones. A number
 * of units is 0 or more.
 */
public open class Ranges<out R> internal constructor(private val over: (CoreRange) -> R) {
    /** Today so far: `lastDays(1)`. */
    public fun today(): R = lastDays(1)

    /** This week so far, from Monday: `lastWeeks(1)`. */
    public fun thisWeek(): R = lastWeeks(1)

    /** This month so far: `lastMonths(1)`. */
    public fun thisMonth(): R = lastMonths(1)

    /** This year so far: `lastYears(1)`. */
    public fun thisYear(): R = lastYears(1)

    /** The current second and the n-1 before it. */
    public fun lastSeconds(n: Int): R = last(n, TimeUnit.SECONDS)

    /** The current minute and the n-1 before it. */
    public fun lastMinutes(n: Int): R = last(n, TimeUnit.MINUTES)

    /** The current hour and the n-1 before it. */
    public fun lastHours(n: Int): R = last(n, TimeUnit.HOURS)

    /** Today so far and the n-1 calendar days before it. */
    public fun lastDays(n: Int): R = last(n, TimeUnit.DAYS)

    /** This week so far, from Monday, and the n-1 weeks before it. */
    public fun lastWeeks(n: Int): R = last(n, TimeUnit.WEEKS)

    /** This month so far and the n-1 months before it. */
    public fun lastMonths(n: Int): R = last(n, TimeUnit.MONTHS)

    /** This year so far and the n-1 years before it. */
    public fun lastYears(n: Int): R = last(n, TimeUnit.YEARS)

    /** The current [unit] and the n-1 before it. */
    public fun last(n: Int, unit: TimeUnit): R = over(CoreRange.Units(unit.core, 0, n.toLong()))

    /**
     * Units counted back from the current one, which is 0: `range(TimeUnit.DAYS, 7..13)` is the
     * week before the last seven days.
     */
    public fun range(unit: TimeUnit, back: IntRange): R = over(CoreRange.Units(unit.core, back.first.toLong(), back.last.toLong() + 1))

    /**
     * The unit that is [from] units before the current one, and all tracked ones before it:
     * `range(TimeUnit.DAYS, from = 1)` is everything before today.
     */
    public fun range(unit: TimeUnit, from: Int): R = over(CoreRange.Units(unit.core, from.toLong(), Long.MAX_VALUE))

    /**
     * All buckets of the longest tracked unit. Older counts are included in [Query.lifetime] only.
     */
    public fun ever(): R = over(CoreRange.Units(TimeUnit.EVER.core, 0, Long.MAX_VALUE))

    /**
     * Every bucket that the last [window] touches, of the finest tracked unit that reaches back
     * that far. If the window begins inside a bucket, the whole bucket counts, as far as the bounds
     * of the window allow. The answer is null if no tracked unit does. A window of zero has no
     * buckets.
     */
    public fun rolling(window: Duration): R = over(CoreRange.Rolling(window.spanMillis()))
}

/**
 * A question about one event, or about several events whose counts are added up. An answer is null
 * if no event is known, if the unit is not tracked, or if no tracked unit reaches back over a
 * rolling range.
 *
 * The functions that return an answer throw [EventStoreException.InvalidArgument] for a negative
 * number of units and for a duration that is negative or longer than 10,000 years, and
 * [EventStoreException.Closed] for a closed store. If the storage cannot be read, the answer comes
 * from memory and [EventStore.health] reports it.
 */
public class Query internal constructor(private val store: EventStore, private val events: List<String>) :
    Ranges<RangeQuery>({ range -> RangeQuery(store, events, range) }) {
    /**
     * How long ago the latest of the events happened, to the millisecond and never negative; null
     * if none did.
     */
    public fun lastSeen(): Duration? = store.ask(Questions.lastSeen(events))

    /**
     * How long ago the earliest of the events happened, to the millisecond and never negative; null
     * if none did.
     */
    public fun firstSeen(): Duration? = store.ask(Questions.firstSeen(events))

    /** When the latest of the events happened, to the millisecond and not after now; null if none did. */
    public fun lastDate(): Instant? = store.ask(Questions.lastDate(events))

    /** When the earliest of the events happened, to the millisecond and not after now; null if none did. */
    public fun firstDate(): Instant? = store.ask(Questions.firstDate(events))

    /**
     * How often the events ever happened; null if none is known. Unlike [ever] it includes counts
     * that are older than every bucket.
     */
    public fun lifetime(): Long? = store.ask(Questions.lifetime(events))

    /** Asks about the time since an event happened last that is a marker of the store. */
    public fun since(marker: String): SinceQuery = SinceQuery(store, events, marker)

    /** Asks about the time since [EventStore.session] was last called on this device. */
    public fun sinceSession(): SinceQuery = since(SinceWindow.session().marker)

    /** Asks about the time since [EventStore.appVersion] last recorded another version on this device. */
    public fun sinceAppVersion(): SinceQuery = since(SinceWindow.appVersion().marker)
}

/** A question about the time since a marker happened last, all time if it never happened. */
public class SinceQuery internal constructor(
    private val store: EventStore,
    private val events: List<String>,
    private val marker: String
) {
    /**
     * How often the events happened since; null if none is known. If that is not exactly known, it
     * is the greatest possible number, losses left aside.
     *
     * @throws EventStoreException.InvalidArgument if the event is not a marker of the store
     */
    public fun sum(): Long? = store.ask(Questions.since(events, marker))

    /**
     * The least and the greatest number of times that the events can have happened since; null if
     * none is known. They are equal if this device recorded the marker last, as it happened, and
     * only this device counted the events. After a loss of stored counts they are 0 and
     * [Long.MAX_VALUE]. `atMost` compares the greatest number, `atLeast` the least one.
     *
     * @throws EventStoreException.InvalidArgument if the event is not a marker of the store
     */
    public fun bounds(): LongRange? = store.ask(Questions.sinceBounds(events, marker))

    /**
     * Whether the number is exactly known: the [bounds] are equal. False if no event is known.
     *
     * @throws EventStoreException.InvalidArgument if the event is not a marker of the store
     */
    public fun isComplete(): Boolean = bounds()?.let { it.first == it.last } ?: false
}

/** A question about some buckets of one event, or of several events whose counts are added up. */
public class RangeQuery internal constructor(
    private val store: EventStore,
    private val events: List<String>,
    private val range: CoreRange
) {
    /**
     * The sum of the counts. Null if no event is known, if the unit is not tracked, or if no
     * tracked unit reaches back over a rolling range; 0 if an event is known and nothing was
     * counted.
     */
    public fun sum(): Long? = store.ask(Questions.long(events, range, Measure.TOTAL))

    /**
     * The sum divided by the number of buckets of the range. A calendar range ends at the tracked
     * buckets. 0 for no buckets. Null in the same cases as [sum].
     */
    public fun average(): Double? = store.ask(Questions.double(events, range, Measure.AVERAGE))

    /**
     * The sum divided by the number of buckets with counts. Null if there are none, and in the same
     * cases as [sum].
     */
    public fun averageNonzero(): Double? = store.ask(Questions.double(events, range, Measure.AVERAGE_NONZERO))

    /** The number of buckets with counts, for example of days. Null in the same cases as [sum]. */
    public fun countNonzero(): Int? = store.ask(Questions.int(events, range, Measure.COUNT_NONZERO))

    /**
     * The index in the range, 0 for its newest bucket, of the newest bucket with counts. Null if
     * there is none, and in the same cases as [sum].
     */
    public fun newest(): Int? = store.ask(Questions.int(events, range, Measure.NEWEST))

    /**
     * The index in the range, 0 for its newest bucket, of the oldest bucket with counts. Null if
     * there is none, and in the same cases as [sum].
     */
    public fun oldest(): Int? = store.ask(Questions.int(events, range, Measure.OLDEST))

    /** The count of every bucket, newest first. Empty in the cases in which [sum] is null. */
    public fun buckets(): List<Long> = store.ask(Questions.buckets(events, range))

    /**
     * The count of every bucket and the date on which it begins, oldest first: what a chart shows.
     * Buckets without counts are in it. Empty in the cases in which [sum] is null, and for units
     * that are shorter than a day.
     */
    public fun bucketsByDate(): List<DatedCount> = store.ask(Questions.bucketsByDate(events, range))

    /**
     * The least and the greatest number of times that the events can have happened in the range;
     * null if none is known. A range may reach back further than is tracked. The bounds are equal
     * if every count of the range is known. They differ if a rolling window begins inside a bucket,
     * if the range is older than the kept buckets, or if the unit was not tracked when an event was
     * counted. If stored counts were lost in the range, the greatest number is [Long.MAX_VALUE].
     *
     * `atMost` and `cooldown` compare the greatest number, `atLeast` and `within` the least one.
     */
    public fun bounds(): LongRange? = store.ask(Questions.bounds(events, range))

    /**
     * Whether [sum] is exactly how often the events happened in the range: the [bounds] are equal
     * to it. If they are not, the range reaches back further than is tracked, a rolling window
     * begins inside a bucket, or counts are not known. False if no event is known.
     */
    public fun isComplete(): Boolean = store.ask(Questions.isComplete(events, range))
}

/**
 * A question about the difference of two counts in some buckets. An event that is not known counts
 * 0. The difference over a unit that is not tracked is 0, and so is that over a rolling range that
 * no tracked unit reaches back over.
 */
public class DeltaQuery internal constructor(
    private val store: EventStore,
    private val positive: String,
    private val negative: String,
    private val range: CoreRange
) {
    /** The first event's count minus the second's. */
    public fun sum(): Long = store.ask(Questions.delta(positive, negative, range))

    /**
     * The difference divided by the number of buckets of the range. A calendar range ends at the
     * tracked buckets. 0 for no buckets.
     */
    public fun average(): Double = store.ask(Questions.deltaAverage(positive, negative, range))
}
