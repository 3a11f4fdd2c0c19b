package dev.tinycounter

import dev.tinycounter.internal.Decision as CoreDecision
import dev.tinycounter.internal.LimitMode
import dev.tinycounter.internal.LimitUsage as CoreUsage
import dev.tinycounter.internal.PreparedLimit
import dev.tinycounter.internal.StoredReservationDecision as CoreStoredDecision
import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * A [limit] on [event] in a store: see [EventStore.limit]. It can be kept and asked any number of
 * times, from any thread. Keep one that is asked often: its rules were checked when it was made.
 *
 * Its functions, except [isAllowed], throw
 * - [EventStoreException.Unavailable] or [EventStoreException.Corrupt] if an event cannot be read,
 * - [EventStoreException.Closed] for a closed store.
 *
 * Nothing is recorded or reserved then.
 */
public class Limiter internal constructor(
    private val store: EventStore,
    /** The event that is limited. */
    public val event: String,
    limit: Limit
) {
    /** The rules, and what is recorded with [event]. */
    public val limit: Limit = limit.frozen()

    private val prepared = translated { store.prepared.limit(event, this.limit) }

    /** What is asked. If the clock has left the time zone table, the store gets a new one first. */
    private val asked: AskedLimit
        get() {
            store.renewZoneIfLeft()
            return prepared
        }

    private val core: PreparedLimit get() = asked.core

    /** Decides whether the event may happen now. Nothing is recorded. */
    public fun check(): Decision = translated {
        // The slow form says why a limit refuses. That it may be called keeps the number valid.
        if (Direct.allowed(asked.number) == Direct.DONE) Decision.Allowed else decide(LimitMode.CHECK)
    }

    /**
     * Whether the event may happen now. False if a rule refuses, if an event cannot be read, and if
     * the store is closed; call [check] to see the error. It never throws, and it is faster than
     * [check] because it does not compute why the limit refuses.
     */
    public fun isAllowed(): Boolean = try {
        translated {
            val asked = asked
            when (Direct.allowed(asked.number)) {
                Direct.DONE -> true
                Direct.NOT_DONE -> false
                else -> asked.core.allowed()
            }
        }
    } catch (_: EventStoreException) {
        false
    }

    /**
     * Records the event if it may happen now. Checking and recording are one step, so concurrent
     * calls never exceed the limit. The event is written to its file before this returns;
     * [awaitCheckAndRecord] does not block the thread meanwhile.
     *
     * @throws EventStoreException.NotWritten if the limit allowed the event and it cannot be
     * written; it is counted then
     */
    public fun checkAndRecord(): Decision = translated {
        val asked = asked
        when (Direct.checkAndRecord(asked.number)) {
            Direct.DONE -> Decision.Allowed

            Direct.NOT_WRITTEN -> {
                asked.core.write()
                Decision.Allowed
            }

            else -> decide(LimitMode.RECORD)
        }
    }

    /**
     * Reserves one event if it may happen now. Use it if the app does not know yet whether the
     * event will happen. The reservation counts for `atMost` and `cooldown` until it is committed
     * or cancelled, and ends with the process.
     *
     * ```
     * when (val decision = limit.reserve()) {
     *     is Reservation -> decision.use { if (showPrompt()) it.commit() }
     *     is Decision.Refused -> tryAgain(decision.retryAfter)
     * }
     * ```
     */
    public fun reserve(): ReserveDecision = when (val decision = translated { core.decide(LimitMode.RESERVE) }) {
        is CoreDecision.Allowed -> Reservation(checkNotNull(decision.reservation))
        is CoreDecision.Refused -> Decision.Refused(decision.refusal, limit.rules)
    }

    /**
     * Reserves one event for [span] if it may happen now, so that the reservation survives a kill
     * of the process. It counts for `atMost` and `cooldown` until it is committed or cancelled, or
     * until it expires. It is written to its file before this returns; [awaitReserveFor] does not
     * block the thread meanwhile. In a store in memory it ends with the store.
     *
     * ```
     * when (val decision = limit.reserveFor(10.minutes)) {
     *     is StoredReservation ->
     *         if (showPrompt()) {
     *             store.commitReservation(decision.key)
     *         } else {
     *             store.cancelReservation(decision.key)
     *         }
     *     is Decision.Refused -> tryAgain(decision.retryAfter)
     * }
     * ```
     *
     * @throws EventStoreException.InvalidArgument if [span] is zero, negative or longer than 10,000
     * years
     * @throws EventStoreException.Storage if there would be more than 256 stored reservations, of
     * which each event that is also recorded takes one, or if the reservation cannot be written;
     * nothing is reserved then
     * @throws EventStoreException.Unavailable if the file is locked; nothing is reserved then
     */
    public fun reserveFor(span: Duration): StoredReservationDecision {
        val millis = span.spanMillis()
        return when (val decision = translated { core.reserveFor(millis) }) {
            is CoreStoredDecision.Reserved -> StoredReservation(decision.key, event, millis.milliseconds)
            is CoreStoredDecision.Refused -> Decision.Refused(decision.refusal, limit.rules)
        }
    }

    /**
     * How much is used of the `atMost` rule on [event] that allows the fewest more; null if the
     * event was neither recorded nor reserved. Rules in groups are not looked at.
     *
     * @throws EventStoreException.InvalidArgument if there is no such rule, whether or not the
     * event was recorded
     */
    public fun usage(): LimitUsage? = translated { core.usage() }?.let(::LimitUsage)

    /**
     * What each rule counts and says now, as data and as a table: for a debug screen or a bug
     * report. It names no events other than those of the rules.
     *
     * ```
     * println(prompt.explain())
     * ```
     */
    public fun explain(): Explanation = Explanation(translated { core.explain() }, limit.rules)

    /**
     * Tries the limit on dated events, without waiting. It returns those of the instants [asked] at
     * which the limit would have allowed the event, in ascending order, if everything in [history]
     * had been recorded when it happened, and the event whenever it was allowed. What happens at
     * the same instant counts before the limit is asked. Instants are rounded down to milliseconds.
     *
     * The counts of the store are neither read nor changed: it only gives the tracked units and the
     * time zone, whose rules it knows from five years before its clock to two years after it. So
     * the store of a test, in memory, shows what an app would have shown:
     *
     * ```
     * val start = Instant.parse("2026-03-01T18:00:00Z")
     * val evenings = List(30) { start.plus(it.toLong(), ChronoUnit.DAYS) }
     * val shown = prompt.rehearse(listOf(Occurrence("launch", start)), evenings)
     * ```
     *
     * [EventStore.dailyHistory] gives what was recorded of an event as [history].
     *
     * @throws EventStoreException.InvalidArgument also for a negative count, for an instant outside
     * the years 1 to 9999 or the time for which the rules of the time zone are known, and for a
     * name of more than 1,024 bytes of UTF-8
     */
    public fun rehearse(history: List<Occurrence>, asked: List<Instant>): List<Instant> {
        val allowed = translated { core.rehearse(history.map { it.core() }, asked.map { it.unixMillis() }) }
        return allowed.map(Instant::ofEpochMilli)
    }

    override fun toString(): String = "Limiter($event, $limit)"

    private fun decide(mode: LimitMode): Decision = when (val decision = core.decide(mode)) {
        is CoreDecision.Allowed -> Decision.Allowed
        is CoreDecision.Refused -> Decision.Refused(decision.refusal, limit.rules)
    }
}

/** How much of a limit is used. */
public data class LimitUsage(
    /**
     * The greatest number of times that the event can have happened in the window, pending
     * reservations included. It can differ from the answer to a query.
     */
    val count: Long,
    /** The limit. */
    val limit: Long,
    /** How many more the limit allows. */
    val remaining: Long
) {
    internal constructor(core: CoreUsage) : this(core.count, core.limit, core.remaining)
}
