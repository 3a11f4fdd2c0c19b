package dev.tinycounter

import android.app.Application
import android.content.ComponentCallbacks2
import android.content.res.Configuration
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Connects a store with the life of an app. The store may come later than the attachment: the app's
 * activities are counted from the beginning.
 *
 * @param onChance called when the app comes to the screen, when the device is unlocked, and as long
 * as there is no store also at the times at which it would be persisted. If the store could not be
 * opened before, it may be possible now
 * @param interval the milliseconds after which the store is persisted again while no activity is
 * started
 */
internal class Attachment(
    private val application: Application,
    private val onFailure: (EventStoreException) -> Unit,
    private val onChance: () -> Unit = {},
    interval: Long = MINUTE
) : ComponentCallbacks2,
    AutoCloseable {
    /** Null until [attach]. */
    @Volatile
    private var store: EventStore? = null

    private val isClosed = AtomicBoolean()
    private val activities: StartedActivities = StartedActivities(::returned) { thread.soon() }

    // A process without activities never leaves the screen. While one is started, no sync may make
    // a decision on the main thread wait.
    private val thread: PersistThread = PersistThread(interval, { !activities.isOnScreen }, ::persist)
    private val changes = SystemChanges({ withStore { it.renewTimeZone() } }, onChance)

    init {
        application.registerActivityLifecycleCallbacks(activities)
        application.registerComponentCallbacks(this)
        changes.registerIn(application)
    }

    /**
     * Attaches [store], unless it is attached already or closed. Returns its attachment, which is
     * closed when the store is closed.
     */
    fun attach(store: EventStore): AutoCloseable {
        this.store = store
        val isFirst = store.attachment.compareAndSet(null, this)
        if (isFirst) return this
        close()
        return store.attachment.get() ?: this
    }

    private fun persist() {
        if (store == null) onChance() else withStore { if (it.isDirty) it.persist() }
    }

    private fun returned() {
        // The system may have sent its broadcasts while the process was frozen.
        withStore { it.renewZoneIfChanged() }
        onChance()
    }

    /**
     * The process may be killed soon. With activities, all was persisted when it left the screen;
     * without, this is the first sign.
     */
    override fun onTrimMemory(level: Int) {
        if (level >= ComponentCallbacks2.TRIM_MEMORY_BACKGROUND) thread.soon()
    }

    override fun onConfigurationChanged(configuration: Configuration) = Unit

    @Deprecated("The system no longer calls it")
    override fun onLowMemory() = Unit

    override fun close() {
        // Unregistering a receiver twice throws.
        if (isClosed.getAndSet(true)) return
        store?.attachment?.compareAndSet(this, null)
        application.unregisterActivityLifecycleCallbacks(activities)
        application.unregisterComponentCallbacks(this)
        application.unregisterReceiver(changes)
        thread.close()
    }

    private fun withStore(call: (EventStore) -> Unit) {
        val store = store ?: return
        try {
            call(store)
        } catch (_: EventStoreException.Closed) {
            // The app closed the store meanwhile, which persisted it.
        } catch (error: EventStoreException) {
            onFailure(error)
        }
    }

    private companion object {
        const val MINUTE = 60_000L
    }
}
