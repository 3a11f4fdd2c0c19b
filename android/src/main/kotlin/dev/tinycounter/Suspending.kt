package dev.tinycounter

import java.io.File
import java.time.ZoneId
import kotlin.coroutines.cancellation.CancellationException
import kotlin.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext

// What waits for the disk, off the caller's thread. These need kotlinx-coroutines in the app; nothing else of the library does, so it
// is no dependency. A call that has begun runs to its end even if the caller is cancelled, who then does not hear how it ended.

/** [EventStore.open] on [Dispatchers.IO]. If the caller is cancelled meanwhile, the store is closed again. */
public suspend fun EventStore.Companion.awaitOpen(
    directory: File,
    tracking: Map<TimeUnit, Int> = emptyMap(),
    writes: Writes = Writes.BACKGROUND,
    zone: ZoneId? = null,
    clock: TestClock? = null,
    identity: File? = null
): EventStore {
    var opened: EventStore? = null
    return try {
        withContext(Dispatchers.IO) { open(directory, tracking, writes, zone, clock, identity).also { opened = it } }
    } catch (cancelled: CancellationException) {
        // Nobody would get the store, and while it is open the directory is taken.
        try {
            opened?.awaitClose()
        } catch (error: EventStoreException) {
            cancelled.addSuppressed(error)
        }
        throw cancelled
    }
}

/** [EventStore.persist] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitPersist(): Unit = withContext(Dispatchers.IO) { persist() }

/** [EventStore.close] on [Dispatchers.IO]. A caller that is cancelled waits for it all the same, so it may stand in a `finally`. */
public suspend fun EventStore.awaitClose(): Unit = regardless { close() }

/** [EventStore.acknowledgeLoss] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitAcknowledgeLoss(): Unit = withContext(Dispatchers.IO) { acknowledgeLoss() }

/** [EventStore.exportBytes] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitExport(since: ByteArray? = null): ByteArray = withContext(Dispatchers.IO) { exportBytes(since) }

/** [EventStore.mergeBytes] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitMerge(bytes: ByteArray): MergeReport = withContext(Dispatchers.IO) { mergeBytes(bytes) }

/** [EventStore.erase] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitErase(event: String): Boolean = withContext(Dispatchers.IO) { erase(event) }

/** [EventStore.eraseAll] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitEraseAll(): Int = withContext(Dispatchers.IO) { eraseAll() }

/**
 * [Limit.checkAndRecord] on [Dispatchers.IO].
 *
 * If the caller is cancelled while it runs, the event may have been recorded although nobody hears the answer: the place is used up then. Where
 * that matters, [Limit.reserve] first, and [awaitCommit] when it happened.
 */
public suspend fun Limit.awaitCheckAndRecord(): Decision = withContext(Dispatchers.IO) { checkAndRecord() }

/** [Reservation.commit] on [Dispatchers.IO]. The event happened, so a caller that is cancelled commits all the same. */
public suspend fun Reservation.awaitCommit(): Unit = regardless { commit() }

/**
 * [Limit.reserveFor] on [Dispatchers.IO]. If the caller is cancelled while it runs, the place may be held although nobody hears its key: it is among
 * [EventStore.reservations] until it expires.
 */
public suspend fun Limit.awaitReserveFor(span: Duration): HeldDecision = withContext(Dispatchers.IO) { reserveFor(span) }

/** [EventStore.commitReservation] on [Dispatchers.IO]. The event happened, so a caller that is cancelled commits all the same. */
public suspend fun EventStore.awaitCommitReservation(key: Long): Unit = regardless { commitReservation(key) }

/** [EventStore.cancelReservation] on [Dispatchers.IO]. A caller that is cancelled gives back all the same. */
public suspend fun EventStore.awaitCancelReservation(key: Long): Unit = regardless { cancelReservation(key) }

// Two contexts, because one that changes the dispatcher tells a cancelled caller of that instead of the answer.
private suspend fun regardless(call: () -> Unit): Unit = withContext(NonCancellable) { withContext(Dispatchers.IO) { call() } }
