package dev.tinycounter

import kotlin.time.Duration

@DslMarker
internal annotation class LimitDsl

/**
 * Collects rules: those of a [Limiter], or those of a group in it. A window is a `Duration` (the
 * time up to now), a [TimeUnit] (the current one) or a [CalendarWindow] (several units, the current
 * one included). For a number or duration that a [Rule] does not take, [EventStore.limit] throws
 * [EventStoreException.InvalidArgument].
 */
@LimitDsl
public open class RulesBuilder internal constructor(private val event: String) {
    private val rules = mutableListOf<Rule>()

    /**
     * The limit's event happened fewer than [limit] times within the last [window]. Pending
     * reservations count.
     */
    public fun atMost(limit: Int, window: Duration): Unit = atMost(event, limit, window)

    /**
     * The limit's event happened fewer than [limit] times in the window. Pending reservations
     * count.
     */
    public fun atMost(limit: Int, window: Window): Unit = atMost(event, limit, window)

    /**
     * [event] happened fewer than [limit] times within the last [window]. Pending reservations
     * count.
     */
    public fun atMost(event: String, limit: Int, window: Duration): Unit = atMost(event, limit, RollingWindow(window))

    /** [event] happened fewer than [limit] times in the window. Pending reservations count. */
    public fun atMost(event: String, limit: Int, window: Window): Unit = rule(Rule.AtMost(event, limit.toLong(), window))

    /** [event] happened at least [count] times within the last [window]. */
    public fun atLeast(event: String, count: Int, window: Duration): Unit = atLeast(event, count, RollingWindow(window))

    /** [event] happened at least [count] times in the window, which is all time by default. */
    public fun atLeast(event: String, count: Int, window: Window = TimeUnit.EVER): Unit = rule(Rule.AtLeast(event, count.toLong(), window))

    /**
     * The limit's event did not happen within the last [duration]. Pending reservations count.
     */
    public fun cooldown(duration: Duration): Unit = cooldown(event, duration)

    /** [event] did not happen within the last [duration]. Pending reservations count. */
    public fun cooldown(event: String, duration: Duration): Unit = rule(Rule.Cooldown(event, duration))

    /** [event] happened within the last [duration]. */
    public fun within(event: String, duration: Duration): Unit = rule(Rule.Within(event, duration))

    /** Now is a time of [schedule]. */
    public fun during(schedule: Schedule): Unit = rule(Rule.During(schedule))

    /** Now is not a time of [schedule]. */
    public fun outsideOf(schedule: Schedule): Unit = rule(Rule.OutsideOf(schedule))

    /** Adds a rule that was made elsewhere. */
    public fun rule(rule: Rule) {
        rules += rule
    }

    /**
     * All of the rules pass. It is useful inside another group; a limit by itself already needs all
     * of its rules.
     */
    public fun allOf(rules: RulesBuilder.() -> Unit): Unit = rule(Rule.AllOf(group(rules)))

    /**
     * At least one of the rules passes. Each rule is one of the alternatives, and [allOf] makes one
     * of several. Groups nest at most 4 deep.
     *
     * ```
     * anyOf {
     *     within("purchase", 24.hours)
     *     allOf {
     *         atLeast("launch", 20, TimeUnit.EVER)
     *         cooldown("crash", 7.days)
     *     }
     * }
     * ```
     */
    public fun anyOf(rules: RulesBuilder.() -> Unit): Unit = rule(Rule.AnyOf(group(rules)))

    /**
     * None of the rules passes.
     *
     * Inside, what is not certain counts for passing, so that the group does not pass by mistake:
     * `atLeast` and `within` count what may have happened, and pass after a loss; `atMost` and
     * `cooldown` count only what certainly happened.
     */
    public fun noneOf(rules: RulesBuilder.() -> Unit): Unit = rule(Rule.NoneOf(group(rules)))

    /** Today, until midnight in the store's time zone: [TimeUnit.DAYS]. */
    public val today: Window get() = TimeUnit.DAYS

    /** This week, from Monday: [TimeUnit.WEEKS]. */
    public val thisWeek: Window get() = TimeUnit.WEEKS

    /** This month: [TimeUnit.MONTHS]. */
    public val thisMonth: Window get() = TimeUnit.MONTHS

    /** This year: [TimeUnit.YEARS]. */
    public val thisYear: Window get() = TimeUnit.YEARS

    /** The time since [marker] happened last. */
    public fun since(marker: String): Window = SinceWindow(marker)

    /** The time since [EventStore.session] was last called on this device. */
    public fun sinceSession(): Window = SinceWindow.session()

    /** The time since [EventStore.appVersion] last recorded another version on this device. */
    public fun sinceAppVersion(): Window = SinceWindow.appVersion()

    internal fun rules(): List<Rule> = rules.toList()

    private fun group(rules: RulesBuilder.() -> Unit): List<Rule> = RulesBuilder(event).apply(rules).rules()
}
