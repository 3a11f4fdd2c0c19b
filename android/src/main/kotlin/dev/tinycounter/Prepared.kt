package dev.tinycounter

import dev.tinycounter.internal.EventStore as CoreStore
import dev.tinycounter.internal.PreparedLimit
import dev.tinycounter.internal.PreparedQuestion as CorePreparedQuestion
import dev.tinycounter.internal.Question as CoreQuestion
import java.util.concurrent.ConcurrentHashMap

/** A question of a store that was checked, and its number for [Direct]. */
internal class AskedQuestion(val core: CorePreparedQuestion) {
    val number: Long = core.number()
}

/** A limit on an event of a store that was checked, and its number for [Direct]. */
internal class AskedLimit(val core: PreparedLimit) {
    val number: Long = core.number()
}

/**
 * The questions and limits that were asked last, ready to be asked again. So an app that writes a
 * question or a limit where it needs it pays for its texts and its check once.
 */
internal class Prepared(private val core: CoreStore) {
    private val questions = Bounded<CoreQuestion, AskedQuestion>()
    private val limits = Bounded<Pair<String, Limit>, AskedLimit>()

    /** Throws what the bindings throw. */
    fun question(question: CoreQuestion): AskedQuestion =
        questions.find(question) ?: questions.keep(question, AskedQuestion(core.prepareQuestion(question)))

    /** Throws what the bindings throw. */
    fun limit(event: String, limit: Limit): AskedLimit =
        limits.find(Pair(event, limit)) ?: limits.keep(Pair(event, limit.frozen()), AskedLimit(core.prepare(event, limit.core())))
}

/** A map of what was made last. If it is full, it begins anew. */
private class Bounded<Key : Any, Value : Any> {
    private val values = ConcurrentHashMap<Key, Value>()

    fun find(key: Key): Value? = values[key]

    fun keep(key: Key, value: Value): Value {
        if (values.size >= MAX) values.clear()
        values[key] = value
        return value
    }

    private companion object {
        const val MAX = 256
    }
}
