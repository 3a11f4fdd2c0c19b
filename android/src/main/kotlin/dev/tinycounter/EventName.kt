@file:JvmName("EventNames")

package dev.tinycounter

import java.time.Instant
import kotlin.time.Duration

/**
 * An event whose name is written in one place, so that the compiler finds a wrong one. Usually an
 * enum class lists the events of an app:
 *
 * ```
 * enum class Tap(override val eventName: String) : EventName {
 *     LAUNCH("app_launch"),
 *     CRASH("crash"),
 *     REVIEW_PROMPT("review_prompt")
 * }
 *
 * store.record(Tap.LAUNCH)
 * val prompt = store.limit(Tap.REVIEW_PROMPT) {
 *     atMost(1, 7.days)
 *     cooldown(Tap.CRASH, 2.days)
 * }
 * ```
 *
 * The store knows only [eventName]: texts and such events can be mixed. A member can be renamed
 * without harm; another [eventName] begins at 0.
 */
public interface EventName {
    /** The name of the event in the store. */
    public val eventName: String
}

/** [EventStore.record] of a typed event. */
public fun EventCounter.record(event: EventName, count: Int = 1): Unit = record(event.eventName, count)

/** [EventStore.recordNow] of a typed event. */
public fun EventStore.recordNow(event: EventName, count: Int = 1): Unit = recordNow(event.eventName, count)

/** [EventStore.recordAt] of a typed event. */
public fun EventCounter.recordAt(event: EventName, instant: Instant, count: Int = 1): Unit = recordAt(event.eventName, instant, count)

/** [EventStore.recordAgo] of a typed event. */
public fun EventCounter.recordAgo(event: EventName, ago: Duration, count: Int = 1): Unit = recordAgo(event.eventName, ago, count)

/** [EventStore.event] of a typed event. */
public fun EventStore.event(event: EventName): Event = event(event.eventName)

/** [EventStore.query] of typed events. */
public fun EventCounter.query(event: EventName, vararg further: EventName): Query =
    query(listOf(event.eventName) + further.map { it.eventName })

/** [EventStore.ratio] of typed events. */
public fun EventCounter.ratio(numerator: EventName, denominator: EventName): Ranges<Double?> =
    ratio(numerator.eventName, denominator.eventName)

/** [EventStore.delta] of typed events. */
public fun EventCounter.delta(positive: EventName, negative: EventName): Ranges<DeltaQuery> = delta(positive.eventName, negative.eventName)

/** [EventStore.limit] on a typed event. */
public fun EventCounter.limit(event: EventName, rules: LimitBuilder.() -> Unit): Limiter = limit(event.eventName, rules)

/** [EventStore.limit] on a typed event, for a limit that was made elsewhere. */
public fun EventCounter.limit(event: EventName, limit: Limit): Limiter = limit(event.eventName, limit)

/** [EventStore.dailyHistory] of a typed event. */
public fun EventStore.dailyHistory(event: EventName): List<Occurrence> = dailyHistory(event.eventName)

/** [EventStore.erase] of a typed event. */
public fun EventStore.erase(event: EventName): Boolean = erase(event.eventName)

/** [Query.since] a typed marker. */
public fun Query.since(marker: EventName): SinceQuery = since(marker.eventName)

/** [Batch.event] of typed events. */
public fun Batch.event(event: EventName, vararg further: EventName): BatchQuery =
    event(listOf(event.eventName) + further.map { it.eventName })

/** [Batch.ratio] of typed events. */
public fun Batch.ratio(numerator: EventName, denominator: EventName): Ranges<Answer<Double?>> =
    ratio(numerator.eventName, denominator.eventName)

/** [Batch.delta] of typed events. */
public fun Batch.delta(positive: EventName, negative: EventName): Ranges<BatchDelta> = delta(positive.eventName, negative.eventName)

/** [RulesBuilder.atMost] of a typed event. */
public fun RulesBuilder.atMost(event: EventName, limit: Int, window: Duration): Unit = atMost(event.eventName, limit, window)

/** [RulesBuilder.atMost] of a typed event. */
public fun RulesBuilder.atMost(event: EventName, limit: Int, window: Window): Unit = atMost(event.eventName, limit, window)

/** [RulesBuilder.atLeast] of a typed event. */
public fun RulesBuilder.atLeast(event: EventName, count: Int, window: Duration): Unit = atLeast(event.eventName, count, window)

/** [RulesBuilder.atLeast] of a typed event. */
public fun RulesBuilder.atLeast(event: EventName, count: Int, window: Window = TimeUnit.EVER): Unit =
    atLeast(event.eventName, count, window)

/** [RulesBuilder.cooldown] after a typed event. */
public fun RulesBuilder.cooldown(event: EventName, duration: Duration): Unit = cooldown(event.eventName, duration)

/** [RulesBuilder.within] of a typed event. */
public fun RulesBuilder.within(event: EventName, duration: Duration): Unit = within(event.eventName, duration)

/** [RulesBuilder.since] a typed marker. */
public fun RulesBuilder.since(marker: EventName): Window = since(marker.eventName)

/** [LimitBuilder.alsoRecord] of a typed event. */
public fun LimitBuilder.alsoRecord(event: EventName): Unit = alsoRecord(event.eventName)
