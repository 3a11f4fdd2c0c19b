package dev.tinycounter

import dev.tinycounter.internal.Warnings
import kotlin.concurrent.thread

/** Calls [handler] for warnings on a thread of its own: see [EventStore.onWarning]. */
internal fun setWarningHandler(handler: (String) -> Unit) {
    val warnings = Warnings.take()
    thread(isDaemon = true, name = "tiny-counter warnings", priority = Thread.MIN_PRIORITY) {
        // Until another handler takes its place.
        do {
            val hasMore = try {
                warnings.next()?.let(handler) != null
            } catch (error: Throwable) {
                error.printStackTrace()
                true
            }
        } while (hasMore)
    }
}
