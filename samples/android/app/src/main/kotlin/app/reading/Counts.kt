package app.reading

import dev.tinycounter.DatedCount
import dev.tinycounter.Decision
import dev.tinycounter.EventStore
import dev.tinycounter.MergeReport
import dev.tinycounter.atLeast
import dev.tinycounter.cooldown
import dev.tinycounter.limit
import dev.tinycounter.query
import dev.tinycounter.record
import dev.tinycounter.sumFlow
import kotlin.time.Duration.Companion.days
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map

/** What the screen shows. */
data class Summary(val activeDays: Int = 0, val finished: Long = 0, val week: List<DatedCount> = emptyList())

/** The three uses of the library in this app. Nothing here needs Android, so unit tests run on a JVM. */
class Counts(private val store: EventStore) {
    private val review = store.limit(Reading.REVIEW) {
        atMost(1, 120.days)
        atLeast(Reading.FINISHED, 3, 28.days)
        cooldown(Reading.FAILED, 2.days)
    }

    fun launched() = store.record(Reading.LAUNCHED)

    fun finished() = store.record(Reading.FINISHED)

    fun failed() = store.record(Reading.FAILED)

    /** How the app is used. */
    fun summary(): Summary {
        val finished = store.query(Reading.FINISHED)
        return Summary(
            activeDays = store.query(Reading.LAUNCHED).lastDays(28).countNonzero() ?: 0,
            finished = finished.lifetime() ?: 0,
            week = finished.lastDays(7).bucketsByDate()
        )
    }

    /** The articles of today: the number now, and each other one after a change. */
    fun finishedToday(): Flow<Long> = store.sumFlow(Reading.FINISHED) { today() }.map { it ?: 0 }

    /** Whether to ask for a review now. If so, the prompt counts as shown. */
    fun mayAskForReview(): Boolean = review.checkAndRecord().isAllowed

    /** Why there is no prompt, for a debug screen. */
    fun whyNoReview(): List<String> = when (val decision = review.check()) {
        Decision.Allowed -> emptyList()
        is Decision.Refused -> decision.refusals.map { "$it" }
    }

    /** What another device needs to know: all counts, or those that it lacks. */
    fun export(since: ByteArray? = null): ByteArray = store.export(since)

    /** Takes the counts of another device. Doing so twice counts nothing twice. */
    fun merge(received: ByteArray): MergeReport = store.merge(received)

    /** What this device knows already, for `export` on the other one. */
    fun knowledge(): ByteArray = store.knowledge()
}
