package dev.tinycounter

import dev.tinycounter.internal.Rule as CoreRule
import dev.tinycounter.internal.Window as CoreWindow
import dev.tinycounter.internal.appVersionMarker
import dev.tinycounter.internal.sessionMarker
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** One condition of a [Limit]. It names the event that it looks at, or is a group of rules. */
public sealed interface Rule {
    /**
     * The event happened fewer than [limit] times in the window. Pending reservations count.
     * [limit] is from 0 to 4,294,967,295; for another value [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    public data class AtMost(val event: String, val limit: Long, val window: Window) : Rule {
        /** [event] happened fewer than [limit] times within the last [window]. */
        public constructor(event: String, limit: Long, window: Duration) : this(event, limit, RollingWindow(window))
    }

    /**
     * The event happened at least [count] times in the window. [count] is from 0 to 4,294,967,295;
     * for another value [EventStore.limit] throws [EventStoreException.InvalidArgument].
     */
    public data class AtLeast(val event: String, val count: Long, val window: Window) : Rule {
        /** [event] happened at least [count] times within the last [window]. */
        public constructor(event: String, count: Long, window: Duration) : this(event, count, RollingWindow(window))
    }

    /**
     * The event did not happen within the last [duration]. Pending reservations count. [duration]
     * is greater than zero and at most 10,000 years; for another value [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    public data class Cooldown(val event: String, val duration: Duration) : Rule

    /**
     * The event happened within the last [duration]. It is greater than zero and at most 10,000
     * years; for another value [EventStore.limit] throws [EventStoreException.InvalidArgument].
     */
    public data class Within(val event: String, val duration: Duration) : Rule

    /** Now is a time of the schedule. */
    public data class During(val schedule: Schedule) : Rule

    /** Now is not a time of the schedule. */
    public data class OutsideOf(val schedule: Schedule) : Rule

    /**
     * All of [rules] pass. A group has at least one rule, and groups nest at most 4 deep; otherwise
     * [EventStore.limit] throws [EventStoreException.InvalidArgument].
     */
    public data class AllOf(val rules: List<Rule>) : Rule {
        /** A group of [rules]. */
        public constructor(vararg rules: Rule) : this(listOfAll(rules))
    }

    /** At least one of [rules] passes. The bounds are those of [AllOf]. */
    public data class AnyOf(val rules: List<Rule>) : Rule {
        /** A group of [rules]. */
        public constructor(vararg rules: Rule) : this(listOfAll(rules))
    }

    /** None of [rules] passes. The bounds are those of [AllOf]. */
    public data class NoneOf(val rules: List<Rule>) : Rule {
        /** A group of [rules]. */
        public constructor(vararg rules: Rule) : this(listOfAll(rules))
    }
}

/**
 * The time that a rule looks back over: a [TimeUnit] (the current one), a [CalendarWindow], a
 * [RollingWindow] or a [SinceWindow].
 */
public sealed interface Window

/**
 * [count] calendar units, the current one included. [count] is 1 or more; for another value
 * [EventStore.limit] throws [EventStoreException.InvalidArgument].
 */
public data class CalendarWindow(val count: Long, val unit: TimeUnit) : Window

/**
 * The time of [length] up to now. [length] is greater than zero and at most 10,000 years; for
 * another value [EventStore.limit] throws [EventStoreException.InvalidArgument]. If the window
 * begins inside a bucket, the whole bucket counts for `atMost` and does not count for `atLeast`.
 * With a limit or count of 1 the window is exact to the millisecond.
 */
public data class RollingWindow(val length: Duration) : Window

/**
 * The time since [marker] happened last, all time if it never happened. What is recorded in one
 * step with the marker does not count. The count is exact if this device recorded the marker last,
 * as it happened. Otherwise `atMost` uses the greatest possible count, and `atLeast` the least one.
 * If [marker] is not a marker of the store (the parameter `markers` of [EventStore.open]),
 * [EventStore.limit] throws [EventStoreException.InvalidArgument].
 */
public data class SinceWindow(val marker: String) : Window {
    public companion object {
        /** The time since [EventStore.session] was last called on this device. */
        @JvmStatic
        public fun session(): SinceWindow = SinceWindow(translated { sessionMarker() })

        /** The time since [EventStore.appVersion] last recorded another version on this device. */
        @JvmStatic
        public fun appVersion(): SinceWindow = SinceWindow(translated { appVersionMarker() })
    }
}

/** The flat list of the bindings, in which a group is followed by its rules. */
internal fun List<Rule>.core(): List<CoreRule> = flatMap { listOf(it.core()) + it.group.core() }

/** The rules of a group; empty for other rules. */
internal val Rule.group: List<Rule>
    get() = when (this) {
        is Rule.AllOf -> rules
        is Rule.AnyOf -> rules
        is Rule.NoneOf -> rules
        else -> emptyList()
    }

/** A copy that does not change with the lists of this one. */
internal fun Rule.frozen(): Rule = when (this) {
    is Rule.AllOf -> Rule.AllOf(rules.map(Rule::frozen))
    is Rule.AnyOf -> Rule.AnyOf(rules.map(Rule::frozen))
    is Rule.NoneOf -> Rule.NoneOf(rules.map(Rule::frozen))
    else -> this
}

private fun Rule.core(): CoreRule = when (this) {
    is Rule.AtMost -> CoreRule.AtMost(event, limit, window.core())
    is Rule.AtLeast -> CoreRule.AtLeast(event, count, window.core())
    is Rule.Cooldown -> CoreRule.Cooldown(event, duration.spanMillis())
    is Rule.Within -> CoreRule.Within(event, duration.spanMillis())
    is Rule.During -> CoreRule.During(schedule.core())
    is Rule.OutsideOf -> CoreRule.OutsideOf(schedule.core())
    is Rule.AllOf -> CoreRule.AllOf(rules.size)
    is Rule.AnyOf -> CoreRule.AnyOf(rules.size)
    is Rule.NoneOf -> CoreRule.NoneOf(rules.size)
}

private fun Window.core(): CoreWindow = when (this) {
    is TimeUnit -> CoreWindow.Calendar(1, core)
    is CalendarWindow -> CoreWindow.Calendar(count, unit.core)
    is RollingWindow -> CoreWindow.Rolling(length.spanMillis())
    is SinceWindow -> CoreWindow.Since(marker)
}

/** The rules of a flat list, which is read from its end, so that a group finds its rules complete. */
internal fun List<CoreRule>.facade(): List<Rule> {
    val later = ArrayDeque<Rule>()
    for (rule in asReversed()) later.addFirst(rule.facade(later))
    return later.toList()
}

private fun CoreRule.facade(later: ArrayDeque<Rule>): Rule = when (this) {
    is CoreRule.AtMost -> Rule.AtMost(event, limit, window.facade())
    is CoreRule.AtLeast -> Rule.AtLeast(event, count, window.facade())
    is CoreRule.Cooldown -> Rule.Cooldown(event, millis.milliseconds)
    is CoreRule.Within -> Rule.Within(event, millis.milliseconds)
    is CoreRule.During -> Rule.During(schedule.facade())
    is CoreRule.OutsideOf -> Rule.OutsideOf(schedule.facade())
    is CoreRule.AllOf -> Rule.AllOf(later.take(rules))
    is CoreRule.AnyOf -> Rule.AnyOf(later.take(rules))
    is CoreRule.NoneOf -> Rule.NoneOf(later.take(rules))
}

/** Removes the rules of a group. */
private fun ArrayDeque<Rule>.take(rules: Int): List<Rule> = List(rules) { removeFirst() }

private fun CoreWindow.facade(): Window = when (this) {
    is CoreWindow.Calendar -> if (count == 1L) TimeUnit.of(unit) else CalendarWindow(count, TimeUnit.of(unit))
    is CoreWindow.Rolling -> RollingWindow(millis.milliseconds)
    is CoreWindow.Since -> SinceWindow(marker)
}
