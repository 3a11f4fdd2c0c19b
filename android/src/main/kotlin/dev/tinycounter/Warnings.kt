package dev.tinycounter

import dev.tinycounter.internal.Warnings
import kotlin.concurrent.thread

/** Calls [handler] for warnings on a thread of its own: see [EventStore.onWarning]. */
internal fun setWarningHandler(handler: (String) -> Unit) {
    Library.check()
    val warnings = Warnings.take()
    thread(isDaemon = true, name = "tiny-counter warnings", priority = Thread.MIN_PRIORITY) {
        while (true) {
            // Another handler took its place.
            val text = warnings.next() ?: break
            try {
                handler(text)
            } catch (error: Throwable) {
                error.printStackTrace()
            }
        }
    }
}
