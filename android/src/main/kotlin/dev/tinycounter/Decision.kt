package dev.tinycounter

import dev.tinycounter.internal.LimitRefusal
import dev.tinycounter.internal.Refusal as CoreRefusal
import dev.tinycounter.internal.Reservation as CoreReservation
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The answer of a limit. */
public sealed interface Decision {
    /** Whether this is [Allowed]. */
    public val isAllowed: Boolean get() = this is Allowed

    /** Every rule passes. */
    public data object Allowed : Decision

    /** Some rules do not pass. Nothing was recorded or reserved. */
    public data class Refused(
        /** Every rule that does not pass, in the order of the rules. */
        val refusals: List<Refusal>,
        /**
         * How long until the whole limit passes if nothing else is recorded: the first instant at
         * which all of its rules pass together. Each rule may pass earlier. Null if waiting does
         * not help, or if that is not known: if the rules do not pass together within the longest
         * window and 400 days after each of them passed, or if finding out takes more than 4,096
         * steps.
         */
        val retryAfter: Duration?,
        /** [retryAfter] as an instant of the store's clock. */
        val retryAt: Instant?
    ) : Decision,
        ReserveDecision,
        StoredReservationDecision {
        internal constructor(core: LimitRefusal, rules: List<Rule>) : this(
            core.refusals.map { Refusal(it, rules) },
            core.retryAfterMillis?.milliseconds,
            core.retryAtUnixMillis?.let(Instant::ofEpochMilli)
        )

        override fun toString(): String = refusals.joinToString("; ", "refused: ") { it.text }
    }
}

/** A rule that does not pass. */
public data class Refusal(
    /** The rule. */
    val rule: Rule,
    /**
     * What was counted for it: for `atMost` the greatest possible number, pending reservations
     * included; for `atLeast` the least possible number. Directly in a `noneOf` it is the other
     * one. It can differ from the answer to a query. Null for other rules.
     */
    val count: Long?,
    /**
     * Whether the rule refuses because stored counts were lost; if [passes], whether it passes
     * because of that. That lasts until the loss lies outside its window, or until
     * [EventStore.acknowledgeLoss] is called.
     */
    val afterLoss: Boolean,
    /**
     * How long until the rule passes if nothing else is recorded; null if waiting does not help or
     * the wait is not known. If the rule passes now, how long until it stops passing.
     */
    val retryAfter: Duration?,
    /**
     * Whether the rule passes now. It is true only in [branches], for a rule that has to stop
     * passing.
     */
    val passes: Boolean,
    /**
     * For a group, the rules in it that would have to change: for `allOf` those that do not pass,
     * for `anyOf` every rule, any of which is enough, for `noneOf` those that pass. If the group
     * itself has to stop passing, the same for that. Empty for other rules.
     */
    val branches: List<Refusal>,
    /** The rule and the numbers in English, for a log. */
    val text: String
) {
    internal constructor(core: CoreRefusal, rules: List<Rule>) : this(
        rules[core.rule],
        core.count,
        core.afterLoss,
        core.retryAfterMillis?.milliseconds,
        core.passes,
        core.branches.map { Refusal(it, rules[core.rule].group) },
        core.text
    )
}

/** The answer of [Limiter.reserve]: a [Reservation] or [Decision.Refused]. */
public sealed interface ReserveDecision

/**
 * One reserved event. It counts for `atMost` and `cooldown` until it is committed or cancelled.
 * Closing it cancels it unless it was committed, so wrap it in `use`. A reservation that is neither
 * closed, committed nor cancelled is cancelled when the garbage collector finds it.
 */
public class Reservation internal constructor(private val core: CoreReservation) :
    ReserveDecision,
    AutoCloseable {
    /**
     * Records the event and ends the reservation. The event is written to its file before this
     * returns; [awaitCommit] does not block the thread meanwhile.
     *
     * @throws EventStoreException.InvalidArgument if it was committed or cancelled before; nothing
     * is recorded then
     * @throws EventStoreException.Closed if the store is closed; nothing is recorded then
     * @throws EventStoreException.NotWritten if the event cannot be written; it is counted then
     */
    public fun commit(): Unit = translated { core.commit() }

    /**
     * Ends the reservation without recording the event. Does nothing if it was committed or
     * cancelled before.
     */
    public fun cancel(): Unit = translated { core.cancel() }

    override fun close(): Unit = cancel()
}
