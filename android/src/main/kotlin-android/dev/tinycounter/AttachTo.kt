package dev.tinycounter

import android.app.Application
import android.util.Log

/**
 * Attaches the store to the life of the app. [open] with a context does this by itself; it is for
 * stores in a directory of your choice. Call it once, after opening:
 *
 * ```
 * val store = EventStore.open(File(noBackupFilesDir, "counts")).also { it.attachTo(this) }
 * ```
 *
 * - When the app leaves the screen, the store is persisted. A change of the configuration, such as
 *   a rotation, is no reason.
 * - While no activity is started, the store is persisted once a minute if anything changed, and
 *   when the system says that it may end the process.
 * - When the time zone of the system changes, the store counts days in the new one, unless a zone
 *   was chosen for it. The zones are compared again when the app comes to the screen. When the
 *   clock is set, the store reads the rules of its zone again.
 *
 * A thread of low priority persists. Nothing waits on the main thread.
 *
 * @param onFailure called, on any thread, with the error if the store cannot be persisted. By
 * default the error is logged. The next persist saves what was not saved.
 * @return the attachment. Close it to detach from the app; the store stays open. Closing the store
 * detaches it too. If the store is attached already, nothing changes, and the first attachment is
 * returned. A closed store is not attached, and the returned attachment does nothing
 */
public fun EventStore.attachTo(application: Application, onFailure: (EventStoreException) -> Unit = ::logFailure): AutoCloseable =
    attachment.get() ?: Attachment(application, onFailure).attach(this)

internal fun logFailure(error: EventStoreException) {
    Log.w("tiny-counter", error.message, error)
}
