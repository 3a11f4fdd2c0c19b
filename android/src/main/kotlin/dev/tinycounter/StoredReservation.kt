package dev.tinycounter

import dev.tinycounter.internal.StoredReservation as CoreReservation
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The answer of [Limiter.reserveFor]: a [StoredReservation] or [Decision.Refused]. */
public sealed interface StoredReservationDecision

/**
 * One reserved event that survives a kill of the process. It counts for `atMost` and `cooldown`
 * until [EventStore.commitReservation] or [EventStore.cancelReservation] ends it, or until it
 * expires, which ends it without recording the event. Releasing this object changes nothing.
 */
public data class StoredReservation(
    /**
     * The key that commits or cancels the reservation, 1 or more. An app can keep it wherever it
     * keeps numbers, or read it again from [EventStore.reservations].
     */
    val key: Long,
    /** The event that may happen. */
    val event: String,
    /** How long until the reservation expires, from the call that returned this object. */
    val expiresIn: Duration
) : StoredReservationDecision {
    internal constructor(core: CoreReservation) : this(core.key, core.event, core.expiresInMillis.milliseconds)
}
