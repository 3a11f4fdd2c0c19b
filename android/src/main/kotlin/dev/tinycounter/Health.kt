package dev.tinycounter

import dev.tinycounter.internal.Health as CoreHealth
import dev.tinycounter.internal.Loss as CoreLoss
import java.io.File
import java.time.Instant

/** What is wrong with a store. */
public data class Health(
    /**
     * The losses that were not acknowledged. Limits that need the lost counts refuse until the loss
     * lies outside their window, or until [EventStore.acknowledgeLoss] is called. A limit over all
     * time refuses until that call.
     */
    val losses: List<Loss>,
    /**
     * Copies of damaged files, which were kept for diagnosis. They hold the names of events. An
     * opening removes those that are older than 30 days; [EventStore.eraseEvents] and
     * [EventStore.eraseAll] remove all of them.
     */
    val keptAside: List<File>,
    /**
     * Events whose stored counts are damaged or of a newer version, as far as they were read. The
     * stored bytes stay as they are until the event is erased, or the loss is acknowledged: see
     * [EventStore.erase] and [EventStore.acknowledgeLoss].
     */
    val quarantined: List<String>,
    /**
     * Whether the last call to the storage failed. Answers then come from memory, and nothing new
     * is saved until a call succeeds.
     */
    val storageFails: Boolean,
    /**
     * When the store noticed that the clock went back by more than a second. If the clock is set
     * again, this instant is moved by as much. Null once the clock has passed what it showed
     * before. There is nothing to do about it.
     */
    val clockWentBack: Instant?,
    /**
     * The end of the table of time zone offsets that the clock has left: the last entry if the
     * clock is later, the first one if the clock is earlier. The offset at that end is used. Null
     * if the clock is inside the table. The next call of the store makes a new table: see
     * [EventStore.renewTimeZone].
     */
    val zoneEnded: Instant?
) {
    /** Whether nothing is wrong. */
    val isGood: Boolean
        get() = losses.isEmpty() &&
            keptAside.isEmpty() &&
            quarantined.isEmpty() &&
            !storageFails &&
            clockWentBack == null &&
            zoneEnded == null

    internal constructor(core: CoreHealth) : this(
        losses = core.losses.map(::Loss),
        keptAside = core.keptAside.map(::File),
        quarantined = core.quarantined,
        storageFails = core.storageFails,
        clockWentBack = core.clockWentBackMillis?.let(Instant::ofEpochMilli),
        zoneEnded = core.zoneEndedMillis?.let(Instant::ofEpochMilli)
    )
}

/** Stored counts that were lost. */
public data class Loss(
    /** The event concerned; null if the store does not know which. */
    val event: String?,
    /** When the store noticed the loss. */
    val noticed: Instant
) {
    internal constructor(core: CoreLoss) : this(core.event, Instant.ofEpochMilli(core.noticedMillis))
}
