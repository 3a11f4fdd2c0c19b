package dev.tinycounter

import dev.tinycounter.internal.Answer as CoreAnswer
import dev.tinycounter.internal.Measure
import dev.tinycounter.internal.QueryRange as CoreRange
import dev.tinycounter.internal.Question as CoreQuestion
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** A question of the bindings, and how its answer is read. */
internal abstract class Question<out T>(val core: CoreQuestion) {
    /** Reads an answer of the bindings. */
    abstract fun read(answer: CoreAnswer): T

    /** Asks by the number, if the answer is one. Throws what the bindings throw. */
    abstract fun ask(asked: AskedQuestion): T
}

/** A question whose answer is an integer; [absent] if there is none. */
private class IntegerQuestion<T>(core: CoreQuestion, private val absent: T, private val convert: (Long) -> T) : Question<T>(core) {
    override fun read(answer: CoreAnswer): T = when (answer) {
        is CoreAnswer.Count -> convert(answer.value)
        is CoreAnswer.Difference -> convert(answer.value)
        is CoreAnswer.Ago -> convert(answer.millis)
        is CoreAnswer.Date -> convert(answer.unixMillis)
        is CoreAnswer.Flag -> convert(if (answer.value) 1 else 0)
        else -> absent
    }

    override fun ask(asked: AskedQuestion): T = when (val answer = Direct.integer(asked.number)) {
        Direct.ABSENT -> absent
        // That the slow form may be called keeps the number valid.
        Direct.NO_INTEGER -> read(asked.core.ask())
        else -> convert(answer)
    }
}

/** A question whose answer is a number with a fraction; [absent] if there is none. */
private class FloatQuestion<T>(core: CoreQuestion, private val absent: T, private val convert: (Double) -> T) : Question<T>(core) {
    override fun read(answer: CoreAnswer): T = if (answer is CoreAnswer.Number) convert(answer.value) else absent

    override fun ask(asked: AskedQuestion): T {
        val answer = Direct.float(asked.number)
        return when {
            answer == Double.NEGATIVE_INFINITY -> absent
            answer.isNaN() -> read(asked.core.ask())
            else -> convert(answer)
        }
    }
}

private class BucketsQuestion(core: CoreQuestion) : Question<List<Long>>(core) {
    override fun read(answer: CoreAnswer): List<Long> = (answer as? CoreAnswer.Buckets)?.values.orEmpty()

    override fun ask(asked: AskedQuestion): List<Long> = read(asked.core.ask())
}

private class DatedQuestion(core: CoreQuestion) : Question<List<DatedCount>>(core) {
    override fun read(answer: CoreAnswer): List<DatedCount> = (answer as? CoreAnswer.Dated)?.values.orEmpty().map(::DatedCount)

    override fun ask(asked: AskedQuestion): List<DatedCount> = read(asked.core.ask())
}

private class BoundsQuestion(core: CoreQuestion) : Question<LongRange?>(core) {
    override fun read(answer: CoreAnswer): LongRange? = (answer as? CoreAnswer.Bounds)?.bounds?.let { it.lower..it.upper }

    override fun ask(asked: AskedQuestion): LongRange? = read(asked.core.ask())
}

internal object Questions {
    fun long(events: List<String>, range: CoreRange, measure: Measure): Question<Long?> =
        IntegerQuestion(CoreQuestion.Counts(events, range, measure), null) { it }

    fun int(events: List<String>, range: CoreRange, measure: Measure): Question<Int?> =
        IntegerQuestion(CoreQuestion.Counts(events, range, measure), null) { it.toInt() }

    fun double(events: List<String>, range: CoreRange, measure: Measure): Question<Double?> =
        FloatQuestion(CoreQuestion.Counts(events, range, measure), null) { it }

    fun buckets(events: List<String>, range: CoreRange): Question<List<Long>> =
        BucketsQuestion(CoreQuestion.Counts(events, range, Measure.BUCKETS))

    fun bucketsByDate(events: List<String>, range: CoreRange): Question<List<DatedCount>> =
        DatedQuestion(CoreQuestion.Counts(events, range, Measure.BUCKETS_BY_DATE))

    fun lastSeen(events: List<String>): Question<Duration?> = IntegerQuestion(CoreQuestion.LastSeen(events), null) { it.milliseconds }

    fun firstSeen(events: List<String>): Question<Duration?> = IntegerQuestion(CoreQuestion.FirstSeen(events), null) { it.milliseconds }

    fun lastDate(events: List<String>): Question<Instant?> = IntegerQuestion(CoreQuestion.LastDate(events), null, Instant::ofEpochMilli)

    fun firstDate(events: List<String>): Question<Instant?> = IntegerQuestion(CoreQuestion.FirstDate(events), null, Instant::ofEpochMilli)

    fun bounds(events: List<String>, range: CoreRange): Question<LongRange?> = BoundsQuestion(CoreQuestion.Bounds(events, range))

    fun isComplete(events: List<String>, range: CoreRange): Question<Boolean> =
        IntegerQuestion(CoreQuestion.IsComplete(events, range), false) { it == 1L }

    fun lifetime(events: List<String>): Question<Long?> = IntegerQuestion(CoreQuestion.Lifetime(events), null) { it }

    fun since(events: List<String>, marker: String): Question<Long?> =
        IntegerQuestion(CoreQuestion.Since(events, marker), null) { it }

    fun sinceBounds(events: List<String>, marker: String): Question<LongRange?> =
        BoundsQuestion(CoreQuestion.SinceBounds(events, marker))

    fun ratio(numerator: String, denominator: String, range: CoreRange): Question<Double?> =
        FloatQuestion(CoreQuestion.Ratio(numerator, denominator, range), null) { it }

    fun delta(positive: String, negative: String, range: CoreRange): Question<Long> =
        IntegerQuestion(CoreQuestion.Delta(positive, negative, range), 0) { it }

    fun deltaAverage(positive: String, negative: String, range: CoreRange): Question<Double> =
        FloatQuestion(CoreQuestion.DeltaAverage(positive, negative, range), 0.0) { it }
}
