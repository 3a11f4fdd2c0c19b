package dev.tinycounter

import dev.tinycounter.internal.Answer as CoreAnswer
import dev.tinycounter.internal.Measure
import dev.tinycounter.internal.QueryRange as CoreRange
import dev.tinycounter.internal.Question as CoreQuestion
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** A question of the bindings, and how its answer is read. */
internal class Question<out T>(val core: CoreQuestion, val read: (CoreAnswer) -> T)

internal object Questions {
    fun long(events: List<String>, range: CoreRange, measure: Measure): Question<Long?> =
        Question(CoreQuestion.Counts(events, range, measure)) { (it as? CoreAnswer.Count)?.value }

    fun int(events: List<String>, range: CoreRange, measure: Measure): Question<Int?> =
        Question(CoreQuestion.Counts(events, range, measure)) { (it as? CoreAnswer.Count)?.value?.toInt() }

    fun double(events: List<String>, range: CoreRange, measure: Measure): Question<Double?> =
        Question(CoreQuestion.Counts(events, range, measure), ::doubleOf)

    fun buckets(events: List<String>, range: CoreRange): Question<List<Long>> =
        Question(CoreQuestion.Counts(events, range, Measure.BUCKETS)) {
            (it as? CoreAnswer.Buckets)?.values.orEmpty()
        }

    fun lastSeen(events: List<String>): Question<Duration?> = Question(CoreQuestion.LastSeen(events), ::ago)

    fun firstSeen(events: List<String>): Question<Duration?> = Question(CoreQuestion.FirstSeen(events), ::ago)

    fun lifetime(events: List<String>): Question<Long?> = Question(CoreQuestion.Lifetime(events)) { (it as? CoreAnswer.Count)?.value }

    fun since(events: List<String>, marker: String): Question<Long?> =
        Question(CoreQuestion.Since(events, marker)) { (it as? CoreAnswer.Count)?.value }

    fun ratio(numerator: String, denominator: String, range: CoreRange): Question<Double?> =
        Question(CoreQuestion.Ratio(numerator, denominator, range), ::doubleOf)

    fun delta(positive: String, negative: String, range: CoreRange): Question<Long> =
        Question(CoreQuestion.Delta(positive, negative, range)) { (it as? CoreAnswer.Difference)?.value ?: 0 }

    fun deltaAverage(positive: String, negative: String, range: CoreRange): Question<Double> =
        Question(CoreQuestion.DeltaAverage(positive, negative, range)) { doubleOf(it) ?: 0.0 }

    private fun ago(answer: CoreAnswer): Duration? = (answer as? CoreAnswer.Ago)?.millis?.milliseconds

    private fun doubleOf(answer: CoreAnswer): Double? = (answer as? CoreAnswer.Number)?.value
}
