package dev.tinycounter

import dev.tinycounter.internal.Answer as CoreAnswer
import dev.tinycounter.internal.Measure
import dev.tinycounter.internal.QueryRange as CoreRange
import java.time.Instant
import kotlin.properties.ReadOnlyProperty
import kotlin.reflect.KProperty
import kotlin.time.Duration

/** Collects questions that are answered for the same instant: see [EventStore.query]. */
public class Batch internal constructor() {
    private val answers = mutableListOf<Answer<*>>()

    /** Starts a question about one event, or about several events whose counts are added up. */
    public fun event(event: String, vararg further: String): BatchQuery = BatchQuery(this, listOfAll(event, further))

    /** Like the [EventStore.query] of a list. */
    public fun event(events: List<String>): BatchQuery = BatchQuery(this, events.toList())

    /** Like [EventStore.ratio]. */
    public fun ratio(numerator: String, denominator: String): Ranges<Answer<Double?>> =
        Ranges { range -> ask(Questions.ratio(numerator, denominator, range)) }

    /** Like [EventStore.delta]. */
    public fun delta(positive: String, negative: String): Ranges<BatchDelta> =
        Ranges { range -> BatchDelta(this, positive, negative, range) }

    internal fun <T> ask(question: Question<T>): Answer<T> = Answer(question).also { answers += it }

    internal fun answer(store: EventStore) {
        val received = translated { store.core.query(answers.map { it.question.core }) }
        answers.zip(received) { answer, core -> answer.receive(core) }
    }
}

/**
 * The answer to a question of a [Batch]. It is available after the batch. Read it with `by`, or
 * with [value].
 */
public class Answer<out T> internal constructor(internal val question: Question<T>) : ReadOnlyProperty<Any?, T> {
    private var core: CoreAnswer? = null

    /**
     * The answer.
     *
     * @throws EventStoreException.InvalidArgument inside the batch
     */
    public val value: T
        get() = question.read(core ?: throw EventStoreException.InvalidArgument("there is no answer yet: read it after the batch", null))

    override fun getValue(thisRef: Any?, property: KProperty<*>): T = value

    internal fun receive(answer: CoreAnswer) {
        core = answer
    }
}

/** Like [Query], as part of a [Batch]. */
public class BatchQuery internal constructor(private val batch: Batch, private val events: List<String>) :
    Ranges<BatchRange>({ range -> BatchRange(batch, events, range) }) {
    /** Like [Query.lastSeen]. */
    public fun lastSeen(): Answer<Duration?> = batch.ask(Questions.lastSeen(events))

    /** Like [SinceQuery.sum] of [Query.since]. */
    public fun sumSince(marker: String): Answer<Long?> = batch.ask(Questions.since(events, marker))

    /** Like [SinceQuery.bounds] of [Query.since]. */
    public fun boundsSince(marker: String): Answer<LongRange?> = batch.ask(Questions.sinceBounds(events, marker))

    /** Like [Query.firstSeen]. */
    public fun firstSeen(): Answer<Duration?> = batch.ask(Questions.firstSeen(events))

    /** Like [Query.lastDate]. */
    public fun lastDate(): Answer<Instant?> = batch.ask(Questions.lastDate(events))

    /** Like [Query.firstDate]. */
    public fun firstDate(): Answer<Instant?> = batch.ask(Questions.firstDate(events))

    /** Like [Query.lifetime]. */
    public fun lifetime(): Answer<Long?> = batch.ask(Questions.lifetime(events))
}

/** Like [RangeQuery], as part of a [Batch]. */
public class BatchRange internal constructor(private val batch: Batch, private val events: List<String>, private val range: CoreRange) {
    /** Like [RangeQuery.sum]. */
    public fun sum(): Answer<Long?> = batch.ask(Questions.long(events, range, Measure.TOTAL))

    /** Like [RangeQuery.average]. */
    public fun average(): Answer<Double?> = batch.ask(Questions.double(events, range, Measure.AVERAGE))

    /** Like [RangeQuery.averageNonzero]. */
    public fun averageNonzero(): Answer<Double?> = batch.ask(Questions.double(events, range, Measure.AVERAGE_NONZERO))

    /** Like [RangeQuery.countNonzero]. */
    public fun countNonzero(): Answer<Int?> = batch.ask(Questions.int(events, range, Measure.COUNT_NONZERO))

    /** Like [RangeQuery.newest]. */
    public fun newest(): Answer<Int?> = batch.ask(Questions.int(events, range, Measure.NEWEST))

    /** Like [RangeQuery.oldest]. */
    public fun oldest(): Answer<Int?> = batch.ask(Questions.int(events, range, Measure.OLDEST))

    /** Like [RangeQuery.buckets]. */
    public fun buckets(): Answer<List<Long>> = batch.ask(Questions.buckets(events, range))

    /** Like [RangeQuery.bucketsByDate]. */
    public fun bucketsByDate(): Answer<List<DatedCount>> = batch.ask(Questions.bucketsByDate(events, range))

    /** Like [RangeQuery.bounds]. */
    public fun bounds(): Answer<LongRange?> = batch.ask(Questions.bounds(events, range))

    /** Like [RangeQuery.isComplete]. */
    public fun isComplete(): Answer<Boolean> = batch.ask(Questions.isComplete(events, range))
}

/** Like [DeltaQuery], as part of a [Batch]. */
public class BatchDelta internal constructor(
    private val batch: Batch,
    private val positive: String,
    private val negative: String,
    private val range: CoreRange
) {
    /** Like [DeltaQuery.sum]. */
    public fun sum(): Answer<Long> = batch.ask(Questions.delta(positive, negative, range))

    /** Like [DeltaQuery.average]. */
    public fun average(): Answer<Double> = batch.ask(Questions.deltaAverage(positive, negative, range))
}
