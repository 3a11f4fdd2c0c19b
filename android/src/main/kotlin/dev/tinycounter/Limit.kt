package dev.tinycounter

import dev.tinycounter.internal.Decision as CoreDecision
import dev.tinycounter.internal.HeldDecision as CoreHeldDecision
import dev.tinycounter.internal.LimitMode
import dev.tinycounter.internal.LimitUsage as CoreUsage
import kotlin.time.Duration

/**
 * Rules that must all hold for [event] to happen. It is a plain value: keep it, and ask it as often as you like.
 *
 * Its functions throw [EventStoreException.InvalidArgument] for a number out of its bounds and for a window that the tracked units
 * cannot span, [EventStoreException.Closed] on a closed store, and otherwise what hinders reading an event.
 */
public class Limit internal constructor(
    private val store: EventStore,
    /** The event that is asked for. */
    public val event: String,
    /** The rules. */
    public val rules: List<Rule>
) {
    /** Whether the event may happen now. Nothing is recorded. */
    public fun check(): Decision = decide(LimitMode.CHECK).second

    /** Whether the event may happen now. Where that cannot be known the answer is no; it never throws. */
    public fun isAllowed(): Boolean = try {
        check().isAllowed
    } catch (_: EventStoreException) {
        false
    }

    /**
     * Records the event if it may happen now, in one step: of two threads that ask, one gets the last place. A recorded event is
     * written to its file before this returns: see [awaitCheckAndRecord].
     *
     * @throws EventStoreException.Storage if it could not be written; it is counted then all the same
     */
    public fun checkAndRecord(): Decision = decide(LimitMode.RECORD).second

    /**
     * Reserves one event if it may happen now, in one step: for when it is not known yet whether it will.
     *
     * ```
     * when (val place = limit.reserve()) {
     *     is Reservation -> place.use { if (showPrompt()) it.commit() }
     *     is Decision.Refused -> tryAgain(place.retryAfter)
     * }
     * ```
     */
    public fun reserve(): ReserveDecision {
        val (core, decision) = decide(LimitMode.RESERVE)
        val reserved = (core as? CoreDecision.Allowed)?.reservation
        return if (reserved != null) Reservation(reserved) else decision as Decision.Refused
    }

    /**
     * Reserves one event, if it may happen now, for [span] and for longer than the process may live: "the dialog was drawn, then the app died".
     * It is written to its file before this returns: see [awaitReserveFor].
     *
     * ```
     * when (val place = limit.reserveFor(10.minutes)) {
     *     is HeldReservation -> if (showPrompt()) store.commitReservation(place.key) else store.cancelReservation(place.key)
     *     is Decision.Refused -> tryAgain(place.retryAfter)
     * }
     * ```
     *
     * @throws EventStoreException.InvalidArgument if [span] is not above zero
     * @throws EventStoreException.Storage in a store in memory, if 256 reservations are held already, or if it could not be written; nothing is
     * reserved then
     */
    public fun reserveFor(span: Duration): HeldDecision =
        when (val decision = translated { store.core.reserveFor(event, rules.map(Rule::core), span.inWholeMilliseconds) }) {
            is CoreHeldDecision.Allowed -> HeldReservation(decision.key, event, span)
            is CoreHeldDecision.Refused -> Decision.Refused(decision.refusals.map { Refusal(it, rules) })
        }

    /**
     * How much is used up of the `atMost` on the limit's event that has the least remaining; null if the event was never recorded.
     *
     * @throws EventStoreException.InvalidArgument if there is no such rule
     */
    public fun usage(): LimitUsage? = translated { store.core.limitUsage(event, rules.map(Rule::core)) }?.let(::LimitUsage)

    private fun decide(mode: LimitMode): Pair<CoreDecision, Decision> {
        val decision = translated { store.core.limit(event, rules.map(Rule::core), mode) }
        return decision to when (decision) {
            is CoreDecision.Allowed -> Decision.Allowed
            is CoreDecision.Refused -> Decision.Refused(decision.refusals.map { Refusal(it, rules) })
        }
    }
}

/** How much of a limit is used up. */
public data class LimitUsage(
    /** What counts against the limit, pending reservations included. */
    val count: Long,
    /** The limit. */
    val limit: Long,
    /** How much is left. */
    val remaining: Long
) {
    internal constructor(core: CoreUsage) : this(core.count, core.limit, core.remaining)
}
