package dev.tinycounter

import java.io.File
import java.time.ZoneId
import kotlin.coroutines.cancellation.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

// What waits for the disk, off the caller's thread. These need kotlinx-coroutines in the app; nothing else of the library does, so it
// is no dependency. A call that has begun runs to its end even if the caller is cancelled.

/** [EventStore.open] on [Dispatchers.IO]. */
public suspend fun EventStore.Companion.awaitOpen(
    directory: File,
    tracking: Map<TimeUnit, Int> = emptyMap(),
    writes: Writes = Writes.BACKGROUND,
    zone: ZoneId = ZoneId.systemDefault(),
    clock: TestClock? = null
): EventStore {
    var opened: EventStore? = null
    return try {
        withContext(Dispatchers.IO) { open(directory, tracking, writes, zone, clock).also { opened = it } }
    } catch (cancelled: CancellationException) {
        // Nobody would get the store, and while it is open the directory is taken.
        opened?.close()
        throw cancelled
    }
}

/** [EventStore.persist] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitPersist(): Unit = withContext(Dispatchers.IO) { persist() }

/** [EventStore.exportBytes] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitExport(since: ByteArray? = null): ByteArray = withContext(Dispatchers.IO) { exportBytes(since) }

/** [EventStore.mergeBytes] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitMerge(bytes: ByteArray): MergeReport = withContext(Dispatchers.IO) { mergeBytes(bytes) }

/** [EventStore.erase] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitErase(event: String): Boolean = withContext(Dispatchers.IO) { erase(event) }

/** [EventStore.eraseAll] on [Dispatchers.IO]. */
public suspend fun EventStore.awaitEraseAll(): Int = withContext(Dispatchers.IO) { eraseAll() }

/** [Limit.checkAndRecord] on [Dispatchers.IO]. */
public suspend fun Limit.awaitCheckAndRecord(): Decision = withContext(Dispatchers.IO) { checkAndRecord() }
