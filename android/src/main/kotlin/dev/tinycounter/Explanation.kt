package dev.tinycounter

import dev.tinycounter.internal.ExplainedRule as CoreRule
import dev.tinycounter.internal.Explanation as CoreExplanation
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * What a limit says at one instant, rule by rule. It names no events other than those of the rules.
 * [toString] returns a table.
 */
public data class Explanation(
    /** The instant. */
    val at: Instant,
    /** Whether the limit passes. */
    val passes: Boolean,
    /**
     * How long until the whole limit passes if nothing else is recorded: zero if it passes now,
     * null in the cases in which [Decision.Refused.retryAfter] is null.
     */
    val retryAfter: Duration?,
    /** The rules, in the order of the limit. */
    val rules: List<ExplainedRule>,
    /**
     * All of it in English, with a Markdown table of a row for each rule. Instants are in the time
     * zone of the store.
     */
    val text: String
) {
    internal constructor(core: CoreExplanation, rules: List<Rule>) : this(
        Instant.ofEpochMilli(core.atUnixMillis),
        core.passes,
        core.retryAfterMillis?.milliseconds,
        explained(core.rules, rules),
        core.text
    )

    /** [retryAfter] as an instant of the store's clock: [at] if the limit passes. */
    public val retryAt: Instant? get() = retryAfter?.let { at.plusMillis(it.inWholeMilliseconds) }

    /** [text]. */
    override fun toString(): String = text
}

/** What one rule says at one instant. */
public data class ExplainedRule(
    /** The rule. */
    val rule: Rule,
    /** Whether it passes. */
    val passes: Boolean,
    /**
     * The least and the greatest number of times that the event can have happened in the window,
     * without reservations. Null for schedules and groups.
     */
    val counted: LongRange?,
    /** The pending reservations that the rule counts too. */
    val reserved: Long,
    /**
     * Whether stored counts of the window were lost. `atMost` and `cooldown` then refuse; directly
     * in a `noneOf`, `atLeast` and `within` then pass.
     */
    val afterLoss: Boolean,
    /**
     * When the window begins. It ends with [Explanation.at]. Null for all time, for schedules and
     * for groups.
     */
    val since: Instant?,
    /**
     * How long until the rule stops passing, or passes, if nothing else is recorded. Null if it
     * stays as it is, or if that is not known.
     */
    val changesAfter: Duration?,
    /** The rules of a group; empty for other rules. */
    val rules: List<ExplainedRule>
) {
    internal constructor(core: CoreRule, rule: Rule) : this(
        rule,
        core.passes,
        core.counted?.let { it.lower..it.upper },
        core.reserved,
        core.afterLoss,
        core.sinceUnixMillis?.let(Instant::ofEpochMilli),
        core.changesAfterMillis?.milliseconds,
        explained(core.rules, rule.group)
    )
}

private fun explained(explained: List<CoreRule>, rules: List<Rule>) = explained.zip(rules, ::ExplainedRule)
