package dev.tinycounter

import dev.tinycounter.internal.Measure
import dev.tinycounter.internal.QueryRange as CoreRange
import kotlin.time.Duration

/** The ranges that a question can be about. A range reaches no further back than its unit is tracked. */
public open class Ranges<out R> internal constructor(private val over: (CoreRange) -> R) {
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

    /** Units counted back from the current one, which is 0: `range(TimeUnit.DAYS, 7..13)` is the week before the last seven days. */
    public fun range(unit: TimeUnit, back: IntRange): R = over(CoreRange.Units(unit.core, back.first.toLong(), back.last.toLong() + 1))

    /** All buckets of the longest tracked unit. What has aged out of them is in [Query.lifetime] only. */
    public fun ever(): R = over(CoreRange.Units(TimeUnit.EVER.core, 0, Long.MAX_VALUE))

    /** The last [window] of time: every bucket that it touches, of the finest tracked unit that spans it. */
    public fun rolling(window: Duration): R = over(CoreRange.Rolling(window.inWholeMilliseconds))
}

/**
 * A question about one event, or several read as one. Answers are null where there is none: the event was never
 * recorded, or the unit is not tracked.
 *
 * Asking throws [EventStoreException.InvalidArgument] for a negative number or length of time, and
 * [EventStoreException.Closed] on a closed store.
 */
public class Query internal constructor(private val store: EventStore, private val events: List<String>) :
    Ranges<RangeQuery>({ range -> RangeQuery(store, events, range) }) {
    /** How long ago the event last happened, to the millisecond and never negative; null if it never did. */
    public fun lastSeen(): Duration? = store.ask(Questions.lastSeen(events))

    /** How long ago the event first happened, to the millisecond and never negative; null if it never did. */
    public fun firstSeen(): Duration? = store.ask(Questions.firstSeen(events))

    /** How often the event happened in all, what has aged out of every bucket included, unlike [ever]; null if it is not known. */
    public fun lifetime(): Long? = store.ask(Questions.lifetime(events))
}

/** A question about some buckets of one event, or of several read as one. */
public class RangeQuery internal constructor(
    private val store: EventStore,
    private val events: List<String>,
    private val range: CoreRange
) {
    /** How often the event happened; null if it is not known or the unit not tracked, 0 if it is known and nothing was counted. */
    public fun sum(): Long? = store.ask(Questions.count(events, range, Measure.TOTAL))

    /** The sum divided by the number of buckets, as far as they are tracked, also on the first day. 0 over no buckets. */
    public fun average(): Double? = store.ask(Questions.number(events, range, Measure.AVERAGE))

    /** The sum divided by the number of buckets in which the event happened; null if there are none. */
    public fun averageNonzero(): Double? = store.ask(Questions.number(events, range, Measure.AVERAGE_NONZERO))

    /** In how many buckets the event happened: on how many days, say. Null as [sum] is. */
    public fun countNonzero(): Int? = store.ask(Questions.place(events, range, Measure.COUNT_NONZERO))

    /** The place in the range, 0 for its newest bucket, of the newest bucket in which the event happened; null if there is none. */
    public fun newest(): Int? = store.ask(Questions.place(events, range, Measure.NEWEST))

    /** The place in the range, 0 for its newest bucket, of the oldest bucket in which the event happened; null if there is none. */
    public fun oldest(): Int? = store.ask(Questions.place(events, range, Measure.OLDEST))

    /** The count of every bucket, newest first; empty if the event is not known or the unit not tracked. */
    public fun buckets(): List<Long> = store.ask(Questions.buckets(events, range))
}

/** A question about the difference of two events in some buckets. An event that is not known counts 0. */
public class DeltaQuery internal constructor(
    private val store: EventStore,
    private val positive: String,
    private val negative: String,
    private val range: CoreRange
) {
    /** The first event's count less the second's. */
    public fun sum(): Long = store.ask(Questions.delta(positive, negative, range))

    /** The difference divided by the number of buckets, as far as they are tracked. 0 over no buckets. */
    public fun average(): Double = store.ask(Questions.deltaAverage(positive, negative, range))
}
