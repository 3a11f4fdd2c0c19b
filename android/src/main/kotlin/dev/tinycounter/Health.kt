package dev.tinycounter

import dev.tinycounter.internal.Health as CoreHealth
import dev.tinycounter.internal.Loss as CoreLoss
import dev.tinycounter.internal.MergeReport as CoreReport
import java.io.File
import java.time.Instant

/** How a store is doing. */
public data class Health(
    /**
     * What was lost and is not acknowledged. Until it lies outside of their window, or [EventStore.acknowledgeLoss] is called, limits refuse where
     * the loss may matter; those over all time until that call.
     */
    val losses: List<Loss>,
    /** Damaged files that were kept for whoever wants to look into them. */
    val keptAside: List<File>,
    /**
     * Events whose stored counts are damaged, as far as they were asked for. What is stored of them is left as it is until the event is
     * erased: see [EventStore.erase].
     */
    val quarantined: List<String>,
    /** The last call to the storage failed: answers come from memory, and nothing new is saved until one succeeds. */
    val storageFails: Boolean,
    /** The clock went back and has not yet reached what it showed before: since when. */
    val clockWentBack: Instant?,
    /** The time zone's table has ended, since when its last offset is taken for granted: call [EventStore.renewZone]. */
    val zoneEnded: Instant?
) {
    /** Whether nothing is wrong. */
    val isGood: Boolean
        get() = losses.isEmpty() && keptAside.isEmpty() && quarantined.isEmpty() && !storageFails && clockWentBack == null && zoneEnded == null

    internal constructor(core: CoreHealth) : this(
        losses = core.losses.map(::Loss),
        keptAside = core.keptAside.map(::File),
        quarantined = core.quarantined,
        storageFails = core.storageFails,
        clockWentBack = core.clockWentBackMillis?.let(Instant::ofEpochMilli),
        zoneEnded = core.zoneEndedMillis?.let(Instant::ofEpochMilli)
    )
}

/** Stored counts that are gone. */
public data class Loss(
    /** The event concerned; null where it is not known which. */
    val event: String?,
    /** When the store found out. */
    val noticed: Instant
) {
    internal constructor(core: CoreLoss) : this(core.event, Instant.ofEpochMilli(core.noticedMillis))
}

/** What a merge did. */
public data class MergeReport(
    /** Events that have other counts now, new ones included. */
    val eventsChanged: Int,
    /** Lanes of other stores that the data held. A lane is what one store counted. */
    val lanes: Int,
    /** How often two stores were found to count under one identity, as after a copied app container. */
    val twins: Int,
    /** Events that were left out because they claim to have been erased more often than can be. */
    val refused: Int,
    /**
     * This store had gone back to an older state, as after a restored backup. It counts under a new identity now; what it had
     * counted since then is lost.
     */
    val restarted: Boolean
) {
    internal constructor(core: CoreReport) : this(
        eventsChanged = core.eventsChanged.toInt(),
        lanes = core.lanes.toInt(),
        twins = core.twins.toInt(),
        refused = core.refused.toInt(),
        restarted = core.restarted
    )
}
