package dev.tinycounter

import java.time.Duration
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

/**
 * The functions that take or return a duration, for Java. There they have [java.time.Duration], and
 * names that Java can write:
 *
 * ```
 * Limit rules = new Limit(List.of(Durations.atMost("prompt", 1, Duration.ofDays(7))), List.of());
 * Limiter prompt = store.limit("prompt", rules);
 * Duration ago = Durations.lastSeen(store.query("launch")); // null if it never happened
 * ```
 *
 * Each throws what its Kotlin function throws.
 */
public object Durations {
    /** [Rule.AtMost] in a rolling window. */
    @JvmStatic
    public fun atMost(event: String, limit: Long, window: Duration): Rule = Rule.AtMost(event, limit, window(window))

    /** [Rule.AtLeast] in a rolling window. */
    @JvmStatic
    public fun atLeast(event: String, count: Long, window: Duration): Rule = Rule.AtLeast(event, count, window(window))

    /** [Rule.Cooldown]. */
    @JvmStatic
    public fun cooldown(event: String, duration: Duration): Rule = Rule.Cooldown(event, duration.toKotlinDuration())

    /** [Rule.Within]. */
    @JvmStatic
    public fun within(event: String, duration: Duration): Rule = Rule.Within(event, duration.toKotlinDuration())

    /** [RollingWindow]. */
    @JvmStatic
    public fun window(length: Duration): Window = RollingWindow(length.toKotlinDuration())

    /** [EventStore.recordAgo]. */
    @JvmStatic
    @JvmOverloads
    public fun recordAgo(store: EventStore, event: String, ago: Duration, count: Int = 1): Unit =
        store.recordAgo(event, ago.toKotlinDuration(), count)

    /** [Ranges.rolling]. */
    @JvmStatic
    public fun <R> rolling(ranges: Ranges<R>, window: Duration): R = ranges.rolling(window.toKotlinDuration())

    /** [Query.lastSeen]. */
    @JvmStatic
    public fun lastSeen(query: Query): Duration? = query.lastSeen()?.toJavaDuration()

    /** [Query.firstSeen]. */
    @JvmStatic
    public fun firstSeen(query: Query): Duration? = query.firstSeen()?.toJavaDuration()

    /** [Limiter.reserveFor]. */
    @JvmStatic
    public fun reserveFor(limit: Limiter, span: Duration): StoredReservationDecision = limit.reserveFor(span.toKotlinDuration())

    /** [Decision.Refused.retryAfter]. */
    @JvmStatic
    public fun retryAfter(refused: Decision.Refused): Duration? = refused.retryAfter?.toJavaDuration()

    /** [Refusal.retryAfter]. */
    @JvmStatic
    public fun retryAfter(refusal: Refusal): Duration? = refusal.retryAfter?.toJavaDuration()

    /** [StoredReservation.expiresIn]. */
    @JvmStatic
    public fun expiresIn(reservation: StoredReservation): Duration = reservation.expiresIn.toJavaDuration()

    /** [Explanation.retryAfter]. */
    @JvmStatic
    public fun retryAfter(explanation: Explanation): Duration? = explanation.retryAfter?.toJavaDuration()

    /** [ExplainedRule.changesAfter]. */
    @JvmStatic
    public fun changesAfter(rule: ExplainedRule): Duration? = rule.changesAfter?.toJavaDuration()

    /** [TestClock.advance]. */
    @JvmStatic
    public fun advance(clock: TestClock, duration: Duration): Unit = clock.advance(duration.toKotlinDuration())
}
