package dev.tinycounter

import dev.tinycounter.internal.MergeReport as CoreReport
import dev.tinycounter.internal.Replica as CoreReplica
import java.time.Instant

/** The result of a merge. */
public data class MergeReport(
    /** How many events have other counts now, new events included. */
    val eventsChanged: Int,
    /** How many replicas of other stores the data held. A replica is what one store counted. */
    val replicas: Int,
    /**
     * How many conflicting copies of counts the data held: two stores counted one event under one
     * identity, as after an app's files were copied. The greater count of each bucket was kept. Copies
     * that counted only in the same buckets look like one that counted on, and are not found.
     */
    val conflictingCopies: Int,
    /**
     * How many events were left out or taken in part: they would take more than 8 MiB, or they
     * belong to more than 1,024 replicas.
     */
    val refused: Int,
    /**
     * How many replicas were left out because this store has counts of 1,024 others.
     * [EventStore.forgetReplicas] makes room. What was left out is merged with a later export.
     */
    val replicasRefused: Int,
    /**
     * Whether this store counts under a new identity now. Either the data held a later state of its
     * own replica: it had gone back to an older state, as after a restored backup, or another store
     * continues a copy of it. It keeps what it had counted, but what both counted of one event can
     * be too low. Or another device has forgotten its replica: then what it had counted is erased.
     */
    val restarted: Boolean
) {
    internal constructor(core: CoreReport) : this(
        eventsChanged = core.eventsChanged.toInt(),
        replicas = core.replicas.toInt(),
        conflictingCopies = core.conflictingCopies.toInt(),
        refused = core.refused.toInt(),
        replicasRefused = core.replicasRefused.toInt(),
        restarted = core.restarted
    )
}

/** A replica that a store knows: what one store counted. */
public data class Replica(
    /** Its id, for [EventStore.forgetReplicas]: 32 lower-case hexadecimal digits. */
    val id: String,
    /**
     * The last time at which it counted an event, by its own clock. Null if nothing that it counted
     * is known now, for example after an erasure. Its device can still be in use.
     */
    val lastSeen: Instant?,
    /** Of how many events the store has counts of it. */
    val events: Int,
    /** Whether this store counts in it. */
    val isOwn: Boolean,
    /**
     * Whether this device counted in it before, for example before a backup was restored.
     * Forgetting it erases what this device counted then.
     */
    val isRetired: Boolean
) {
    internal constructor(core: CoreReplica) : this(
        id = core.id,
        lastSeen = core.lastSeenMillis?.let(Instant::ofEpochMilli),
        events = core.events.toInt(),
        isOwn = core.isOwn,
        isRetired = core.isRetired
    )
}
