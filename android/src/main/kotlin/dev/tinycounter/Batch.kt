package dev.tinycounter

import dev.tinycounter.internal.Answer as CoreAnswer
import dev.tinycounter.internal.Measure
import dev.tinycounter.internal.QueryRange as CoreRange
import kotlin.properties.ReadOnlyProperty
import kotlin.reflect.KProperty
import kotlin.time.Duration

/** Questions that are asked together, at one instant: see [EventStore.query]. */
public class Batch internal constructor() {
    private val asked = mutableListOf<Answer<*>>()

    /** Begins a question about [event]; with further events about all of them together, as if they were one. */
    public fun event(event: String, vararg further: String): BatchQuery = BatchQuery(this, listOf(event, *further))

    /** As [EventStore.ratio]. */
    public fun ratio(numerator: String, denominator: String): Ranges<Answer<Double?>> =
        Ranges { range -> ask(Questions.ratio(numerator, denominator, range)) }

    /** As [EventStore.delta]. */
    public fun delta(positive: String, negative: String): Ranges<BatchDelta> =
        Ranges { range -> BatchDelta(this, positive, negative, range) }

    internal fun <T> ask(question: Question<T>): Answer<T> = Answer(question).also { asked += it }

    internal fun answer(store: EventStore) {
        val answers = translated { store.core.query(asked.map { it.question.core }) }
        asked.zip(answers) { asked, answer -> asked.hear(answer) }
    }
}

/** The answer to a question of a [Batch], there as soon as the batch has ended. Read it through `by`, or as [value]. */
public class Answer<out T> internal constructor(internal val question: Question<T>) : ReadOnlyProperty<Any?, T> {
    private var heard: CoreAnswer? = null

    /**
     * The answer.
     *
     * @throws IllegalStateException inside of the batch that asks
     */
    public val value: T
        get() = question.read(checkNotNull(heard) { "answers are there when the batch that asks for them has ended" })

    override fun getValue(thisRef: Any?, property: KProperty<*>): T = value

    internal fun hear(answer: CoreAnswer) {
        heard = answer
    }
}

/** As [Query], asked with the rest of its [Batch]. */
public class BatchQuery internal constructor(private val batch: Batch, private val events: List<String>) :
    Ranges<BatchRange>({ range -> BatchRange(batch, events, range) }) {
    /** As [Query.lastSeen]. */
    public fun lastSeen(): Answer<Duration?> = batch.ask(Questions.lastSeen(events))

    /** As [Query.firstSeen]. */
    public fun firstSeen(): Answer<Duration?> = batch.ask(Questions.firstSeen(events))

    /** As [Query.lifetime]. */
    public fun lifetime(): Answer<Long?> = batch.ask(Questions.lifetime(events))
}

/** As [RangeQuery], asked with the rest of its [Batch]. */
public class BatchRange internal constructor(private val batch: Batch, private val events: List<String>, private val range: CoreRange) {
    /** As [RangeQuery.sum]. */
    public fun sum(): Answer<Long?> = batch.ask(Questions.count(events, range, Measure.TOTAL))

    /** As [RangeQuery.average]. */
    public fun average(): Answer<Double?> = batch.ask(Questions.number(events, range, Measure.AVERAGE))

    /** As [RangeQuery.averageNonzero]. */
    public fun averageNonzero(): Answer<Double?> = batch.ask(Questions.number(events, range, Measure.AVERAGE_NONZERO))

    /** As [RangeQuery.countNonzero]. */
    public fun countNonzero(): Answer<Int?> = batch.ask(Questions.place(events, range, Measure.COUNT_NONZERO))

    /** As [RangeQuery.newest]. */
    public fun newest(): Answer<Int?> = batch.ask(Questions.place(events, range, Measure.NEWEST))

    /** As [RangeQuery.oldest]. */
    public fun oldest(): Answer<Int?> = batch.ask(Questions.place(events, range, Measure.OLDEST))

    /** As [RangeQuery.buckets]. */
    public fun buckets(): Answer<List<Long>> = batch.ask(Questions.buckets(events, range))
}

/** As [DeltaQuery], asked with the rest of its [Batch]. */
public class BatchDelta internal constructor(
    private val batch: Batch,
    private val positive: String,
    private val negative: String,
    private val range: CoreRange
) {
    /** As [DeltaQuery.sum]. */
    public fun sum(): Answer<Long> = batch.ask(Questions.delta(positive, negative, range))

    /** As [DeltaQuery.average]. */
    public fun average(): Answer<Double> = batch.ask(Questions.deltaAverage(positive, negative, range))
}
