package dev.tinycounter

import java.io.File
import java.time.ZoneId
import kotlin.coroutines.cancellation.CancellationException
import kotlin.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext

// Calls that wait for the disk, as suspending functions. They need kotlinx-coroutines, which is not
// a dependency of the library because nothing else needs it. A call that has started runs to its
// end even if the caller is cancelled; the caller then does not get its result.

/** [EventStore.open] on [Dispatchers.IO]. If the caller is cancelled, the store is closed again. */
public suspend fun EventStore.Companion.awaitOpen(
    directory: File,
    tracking: Map<TimeUnit, Int> = emptyMap(),
    writes: Writes = Writes.BACKGROUND,
    timeZone: ZoneId? = null,
    clock: TestClock? = null,
    identity: File? = null,
    syncKeys: SyncKeys? = null,
    markers: List<String> = emptyList()
): EventStore {
    var opened: EventStore? = null
    return try {
        withContext(Dispatchers.IO) {
            open(directory, tracking, writes, timeZone, clock, identity, syncKeys, markers).also { opened = it }
        }
    } catch (cancelled: CancellationException) {
        // The caller does not get the store, and nobody else can open the directory while it is
        // open.
        try {
            opened?.awaitClose()
        } catch (error: EventStoreException) {
            cancelled.addSuppressed(error)
        }
        throw cancelled
    }
}

/** [EventStore.recordNow] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitRecordNow(event: String, count: Int = 1): Unit =
    withContext(Dispatchers.IO) { recordNow(event, count) }

/** [EventStore.persist] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitPersist(): Unit = withContext(Dispatchers.IO) { persist() }

/**
 * [EventStore.close] on [Dispatchers.IO]. It also runs for a cancelled caller, so it can be called
 * in `finally`.
 */
public suspend fun EventStore.awaitClose(): Unit = evenIfCancelled { close() }

/** [EventStore.acknowledgeLoss] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitAcknowledgeLoss(): Unit = withContext(Dispatchers.IO) { acknowledgeLoss() }

/** [EventStore.exportParts] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitExportParts(maxBytes: Int, since: ByteArray? = null): List<ByteArray> =
    withContext(Dispatchers.IO) { exportParts(maxBytes, since) }

/** [EventStore.export] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitExport(since: ByteArray? = null): ByteArray = withContext(Dispatchers.IO) { export(since) }

/** [EventStore.knowledge] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitKnowledge(): ByteArray = withContext(Dispatchers.IO) { knowledge() }

/** [EventStore.merge] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitMerge(bytes: ByteArray): MergeReport = withContext(Dispatchers.IO) { merge(bytes) }

/** [EventStore.importOnce] on [Dispatchers.IO]. [read] runs there too. */
public suspend fun EventStore.awaitImportOnce(key: String, read: () -> List<Occurrence>): Boolean =
    withContext(Dispatchers.IO) { importOnce(key, read) }

/** [EventStore.replicas] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitReplicas(): List<Replica> = withContext(Dispatchers.IO) { replicas() }

/** [EventStore.forgetReplicas] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitForgetReplicas(ids: List<String>): Int = withContext(Dispatchers.IO) { forgetReplicas(ids) }

/** [EventStore.erase] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitErase(event: String): Boolean = withContext(Dispatchers.IO) { erase(event) }

/** [EventStore.eraseEvents] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitEraseEvents(names: List<String>): Int = withContext(Dispatchers.IO) { eraseEvents(names) }

/** [EventStore.eraseAll] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitEraseAll(): Int = withContext(Dispatchers.IO) { eraseAll() }

/**
 * [Limiter.checkAndRecord] on [Dispatchers.IO].
 *
 * If the caller is cancelled while it runs, the event may have been recorded although the caller
 * does not get the decision. If that matters, call [Limiter.reserve] first, and [awaitCommit] once
 * the event happened.
 */
public suspend fun Limiter.awaitCheckAndRecord(): Decision = withContext(Dispatchers.IO) { checkAndRecord() }

/**
 * [Reservation.commit] on [Dispatchers.IO]. The event happened, so it is committed even if the
 * caller is cancelled.
 */
public suspend fun Reservation.awaitCommit(): Unit = evenIfCancelled { commit() }

/**
 * [Limiter.reserveFor] on [Dispatchers.IO]. If the caller is cancelled while it runs, the event may
 * have been reserved although the caller does not get the key. [EventStore.reservations] lists it
 * until it expires.
 */
public suspend fun Limiter.awaitReserveFor(span: Duration): StoredReservationDecision = withContext(Dispatchers.IO) { reserveFor(span) }

/**
 * [EventStore.commitReservation] on [Dispatchers.IO]. The event happened, so it is committed even
 * if the caller is cancelled.
 */
public suspend fun EventStore.awaitCommitReservation(key: Long): Unit = evenIfCancelled { commitReservation(key) }

/** [EventStore.cancelReservation] on [Dispatchers.IO]. It also runs for a cancelled caller. */
public suspend fun EventStore.awaitCancelReservation(key: Long): Unit = evenIfCancelled { cancelReservation(key) }

// Two contexts: one that changes the dispatcher throws CancellationException at a cancelled caller
// instead of returning the result.
private suspend fun evenIfCancelled(call: () -> Unit): Unit = withContext(NonCancellable) { withContext(Dispatchers.IO) { call() } }
