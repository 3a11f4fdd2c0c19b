package dev.tinycounter

import kotlin.time.Duration

@DslMarker
internal annotation class LimitDsl

/**
 * The rules of a [Limit] in the making: see [EventStore.limit]. A `Duration` is a rolling window, the last so much of time; a [TimeUnit]
 * the current calendar unit; a [CalendarWindow] several of them.
 */
@LimitDsl
public class LimitBuilder internal constructor(private val event: String) {
    private val rules = mutableListOf<Rule>()

    /** The limit's own event happens at most [limit] times in the last [window] of time. */
    public fun atMost(limit: Int, window: Duration): Unit = atMost(event, limit, window)

    /** The limit's own event happens at most [limit] times in the window. */
    public fun atMost(limit: Int, window: Window): Unit = atMost(event, limit, window)

    /** As the other `atMost`, counting another event. */
    public fun atMost(event: String, limit: Int, window: Duration): Unit = atMost(event, limit, RollingWindow(window))

    /** As the other `atMost`, counting another event. */
    public fun atMost(event: String, limit: Int, window: Window): Unit = rule(Rule.AtMost(event, limit, window))

    /** [event] happened at least [count] times in the last [window] of time. */
    public fun atLeast(event: String, count: Int, window: Duration): Unit = atLeast(event, count, RollingWindow(window))

    /** [event] happened at least [count] times in the window. */
    public fun atLeast(event: String, count: Int, window: Window): Unit = rule(Rule.AtLeast(event, count, window))

    /** The limit's own event did not happen in the last [duration]. */
    public fun cooldown(duration: Duration): Unit = cooldown(event, duration)

    /** [event] did not happen in the last [duration]. */
    public fun cooldown(event: String, duration: Duration): Unit = rule(Rule.Cooldown(event, duration))

    /** [event] happened in the last [duration]. */
    public fun within(event: String, duration: Duration): Unit = rule(Rule.Within(event, duration))

    /** [schedule] holds. */
    public fun during(schedule: Schedule): Unit = rule(Rule.During(schedule))

    /** [schedule] does not hold. */
    public fun outsideOf(schedule: Schedule): Unit = rule(Rule.OutsideOf(schedule))

    /** Adds a rule that was made elsewhere. */
    public fun rule(rule: Rule) {
        rules += rule
    }

    internal fun rules(): List<Rule> = rules.toList()
}
