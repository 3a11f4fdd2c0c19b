package dev.tinycounter

import dev.tinycounter.internal.NamedLimit
import dev.tinycounter.internal.limitSetFromJson
import dev.tinycounter.internal.limitSetToJson

/**
 * Named limits, for example those that a server sends. A set is a map from the names to the limits.
 * It is loaded as a whole or not at all. Another set changes no count: a new rule sees everything
 * that was recorded before.
 *
 * ```
 * val rules = try {
 *     LimitSet.fromJson(text)
 * } catch (error: EventStoreException) {
 *     report(error) // and go on with the rules that the app has
 *     lastRules
 * }
 * val tip = store.limit("tip", rules.getValue("tip"))
 * ```
 */
public class LimitSet(limits: Map<String, Limit>) : Map<String, Limit> by limits.toMap() {
    /**
     * The JSON form of this set, which `docs/rules.md` describes. [fromJson] makes an equal set of
     * it, in the same cases as [Limit.toJson].
     *
     * @throws EventStoreException.InvalidArgument in the cases of [Limit.toJson], and for more than
     * 1 MiB
     * @throws EventStoreException.InvalidRules in the cases of [Limit.toJson], for an empty name, a
     * name of more than 1,024 bytes of UTF-8 and more than 1,024 limits
     */
    public fun toJson(): String = translated { limitSetToJson(map { (name, limit) -> NamedLimit(name, limit.core()) }) }

    override fun equals(other: Any?): Boolean = other is Map<*, *> && entries == other.entries

    override fun hashCode(): Int = entries.hashCode()

    override fun toString(): String = entries.joinToString(prefix = "{", postfix = "}")

    public companion object {
        /**
         * Reads the limits of a document, at most 1,024, in the order of the bytes of their names.
         * `docs/rules.md` describes its form.
         *
         * @throws EventStoreException in the cases of [Limit.fromJson]; no limit is loaded then
         */
        @JvmStatic
        public fun fromJson(text: String): LimitSet =
            LimitSet(translated { limitSetFromJson(text) }.associate { (name, limit) -> name to Limit(limit) })
    }
}
