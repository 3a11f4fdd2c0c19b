package dev.tinycounter

import dev.tinycounter.internal.Limit as CoreLimit
import dev.tinycounter.internal.limitFromJson
import dev.tinycounter.internal.limitToJson

/**
 * Rules that must all pass, as a value. [EventStore.limit] asks it for an event; one limit can be
 * asked for any number of events, and in any number of stores.
 *
 * ```
 * val calm = Limit(
 *     Rule.AtMost("any_message", 3, 7.days),
 *     Rule.Cooldown("crash", 2.days),
 *     alsoRecord = listOf("any_message")
 * )
 * val tip = store.limit("tip", calm)
 * val offer = store.limit("offer", calm)
 * ```
 *
 * A limit has at most 64 rules. Without rules it always passes.
 */
public data class Limit(
    /** The rules. */
    val rules: List<Rule>,
    /**
     * The events that are recorded once in the same step whenever the limit records an event, and
     * that a reservation reserves too: at most 8, none of them twice, and none of them the event
     * that the limit is asked for. For others [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    val alsoRecord: List<String>
) {
    /** A limit of [rules]. */
    public constructor(vararg rules: Rule, alsoRecord: List<String> = emptyList()) : this(listOfAll(rules), alsoRecord)

    /** This limit with one more rule. */
    public operator fun plus(rule: Rule): Limit = Limit(rules + rule, alsoRecord)

    /** This limit with the rules of another one, and with what both also record. */
    public operator fun plus(other: Limit): Limit = Limit(rules + other.rules, (alsoRecord + other.alsoRecord).distinct())

    internal constructor(core: CoreLimit) : this(core.rules.facade(), core.alsoRecord)

    /** A copy that does not change with the lists of this one. */
    internal fun frozen(): Limit = Limit(rules.map(Rule::frozen), alsoRecord.toList())

    internal fun core(): CoreLimit = CoreLimit(rules.core(), alsoRecord)

    /**
     * The JSON form of this limit, which `docs/rules.md` describes. [fromJson] makes an equal limit
     * of it, except that durations are rounded to milliseconds and that one calendar unit comes
     * back as a [TimeUnit]. Equal limits have the same form.
     *
     * @throws EventStoreException.InvalidArgument for a number out of bounds, for more than 64
     * rules, and for groups without rules or more than 4 deep
     * @throws EventStoreException.InvalidRules for a name of more than 1,024 bytes of UTF-8, and
     * for what [alsoRecord] does not take
     */
    public fun toJson(): String = translated { limitToJson(core()) }

    public companion object {
        /**
         * Reads a limit from its JSON form, which `docs/rules.md` describes. What is unknown or
         * wrong is an error; nothing is skipped. Whether the windows fit the tracked units of a
         * store is checked when the limit is asked.
         *
         * @throws EventStoreException.InvalidRules if something is wrong.
         * [place][EventStoreException.InvalidRules.place] says where, the message what was expected
         * @throws EventStoreException.Incompatible for a newer version of the form
         * @throws EventStoreException.InvalidArgument for more than 1 MiB of UTF-8
         */
        @JvmStatic
        public fun fromJson(text: String): Limit = Limit(translated { limitFromJson(text) })
    }
}
