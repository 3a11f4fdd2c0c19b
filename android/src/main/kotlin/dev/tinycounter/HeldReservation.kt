package dev.tinycounter

import dev.tinycounter.internal.HeldReservation as CoreHeld
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** What a limit says to [Limit.reserveFor]: a [HeldReservation] or [Decision.Refused]. */
public sealed interface HeldDecision

/**
 * One event that may happen, held for longer than the process may live. It counts for `atMost` until [EventStore.commitReservation] or
 * [EventStore.cancelReservation] settles it by its [key], or until it expires, which gives back what it holds. Letting go of this value changes
 * nothing.
 */
public data class HeldReservation(
    /** What settles it: above 0. Keep it wherever the app keeps numbers, or find it again in [EventStore.reservations]. */
    val key: Long,
    /** The event that may happen. */
    val event: String,
    /** How long from when this was asked for until it expires. */
    val expiresIn: Duration
) : HeldDecision {
    internal constructor(core: CoreHeld) : this(core.key, core.event, core.expiresInMillis.milliseconds)
}
