package dev.tinycounter

import dev.tinycounter.internal.Refusal as CoreRefusal
import dev.tinycounter.internal.Reservation as CoreReservation
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** What a limit says. */
public sealed interface Decision {
    /** Whether this is [Allowed]. */
    public val isAllowed: Boolean get() = this is Allowed

    /** Every rule passes. */
    public data object Allowed : Decision

    /** Some rules do not pass. Nothing was recorded or reserved. */
    public data class Refused(
        /** Every rule that does not pass, in the order of the rules. */
        val refusals: List<Refusal>
    ) : Decision,
        ReserveDecision,
        HeldDecision {
        /** How long until it is worth asking again, if nothing else is recorded; null when waiting cannot help. */
        val retryAfter: Duration?
            get() = refusals.map { it.retryAfter ?: return null }.maxOrNull()

        override fun toString(): String = refusals.joinToString("; ", "refused: ") { it.text }
    }
}

/** A rule that does not pass. */
public data class Refusal(
    /** The rule, as it was given. */
    val rule: Rule,
    /** What was counted for it; null for rules that do not count. */
    val count: Long?,
    /**
     * Whether it refuses because stored counts were lost that it would have to know: until they lie outside of its window, or
     * [EventStore.acknowledgeLoss] is called.
     */
    val afterLoss: Boolean,
    /** How long until it passes if nothing else is recorded; null when waiting cannot help. */
    val retryAfter: Duration?,
    /** The rule and the numbers in English, for a log. */
    val text: String
) {
    internal constructor(core: CoreRefusal, rules: List<Rule>) :
        this(rules[core.rule], core.count, core.afterLoss, core.retryAfterMillis?.milliseconds, core.text)
}

/** What a limit says to [Limit.reserve]: a [Reservation] or [Decision.Refused]. */
public sealed interface ReserveDecision

/**
 * One event that may happen, held until it is committed or cancelled. It counts for `atMost` meanwhile. Closing it cancels it unless it was
 * committed, so `use` it; left alone it is held until the garbage collector finds it.
 */
public class Reservation internal constructor(private val core: CoreReservation) :
    ReserveDecision,
    AutoCloseable {
    /**
     * The event happened: it is recorded, and written to its file before this returns: see [awaitCommit].
     *
     * @throws EventStoreException.InvalidArgument if it was committed or cancelled before
     * @throws EventStoreException.Closed if the store was closed; nothing is recorded then
     * @throws EventStoreException.Storage if it could not be written; it is counted then all the same
     */
    public fun commit(): Unit = translated { core.commit() }

    /** The event did not happen. Does nothing if it was committed or cancelled before. */
    public fun cancel(): Unit = translated { core.cancel() }

    override fun close(): Unit = cancel()
}
