package dev.tinycounter

import java.time.Instant
import kotlin.time.Duration

/**
 * What the screens of an app need of a store: recording, questions and limits. An [EventStore] is
 * one. Code that takes an `EventCounter` can be given something else in tests.
 *
 * A test rarely needs that: [EventStore.inMemory] with a [TestClock] counts and decides as in the
 * app, in microseconds. To see what was recorded, or to make one call behave differently, delegate
 * the others to such a store:
 *
 * ```
 * class Recorded(store: EventStore) : EventCounter by store {
 *     val names = mutableListOf<String>()
 *
 *     override fun record(event: String) {
 *         names += event
 *     }
 * }
 * ```
 */
public interface EventCounter {
    /** The current time: see [EventStore.now]. */
    public val now: Instant

    /** Records that [event] happened now: see [EventStore.record]. */
    public fun record(event: String)

    /** Records that [event] happened [count] times now: see [EventStore.record]. */
    public fun record(event: String, count: Int)

    /** Records that [event] happened at [instant]: see [EventStore.recordAt]. */
    public fun recordAt(event: String, instant: Instant)

    /** Records that [event] happened [count] times at [instant]: see [EventStore.recordAt]. */
    public fun recordAt(event: String, instant: Instant, count: Int)

    /** Records that [event] happened [ago] before now: see [EventStore.recordAgo]. */
    public fun recordAgo(event: String, ago: Duration, count: Int = 1)

    /** Records that a session begins: see [EventStore.session]. */
    public fun session()

    /** Records the version of the app if it is another one: see [EventStore.appVersion]. */
    public fun appVersion(text: String): Boolean

    /** Starts a question about some events: see [EventStore.query]. */
    public fun query(event: String, vararg further: String): Query

    /** Starts a question about some events: see [EventStore.query]. */
    public fun query(events: List<String>): Query

    /** Starts a question about a quotient: see [EventStore.ratio]. */
    public fun ratio(numerator: String, denominator: String): Ranges<Double?>

    /** Starts a question about a difference: see [EventStore.delta]. */
    public fun delta(positive: String, negative: String): Ranges<DeltaQuery>

    /** Returns a limit on [event]: see [EventStore.limit]. */
    public fun limit(event: String, rules: LimitBuilder.() -> Unit): Limiter

    /** Returns a [limit] on [event] that was made elsewhere: see [EventStore.limit]. */
    public fun limit(event: String, limit: Limit): Limiter
}
