package dev.tinycounter

import android.app.Activity
import android.app.Application
import android.content.BroadcastReceiver
import android.content.ComponentCallbacks2
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.res.Configuration
import android.os.Bundle
import android.util.Log
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Ties the store to the life of the app: it is persisted whenever the app goes out of sight, and counts days by the new time zone when
 * the system's changes, unless a zone was chosen for it. Call it once, after opening:
 *
 * ```
 * val store = EventStore.open(File(noBackupFilesDir, "counts")).also { it.attachTo(this) }
 * ```
 *
 * @param onFailure told, on any thread, why the store could not be persisted; by default that is logged. What was not saved is
 * tried again the next time.
 * @return closing it lets go of the app again, once and for all; the store stays open
 */
public fun EventStore.attachTo(
    application: Application,
    onFailure: (EventStoreException) -> Unit = { Log.w("tiny-counter", "the store was not persisted", it) }
): AutoCloseable = Attachment(this, application, onFailure)

/**
 * Where the disk is waited for: on a thread of our own, and begun before the callback returns.
 *
 * Not on the main thread, because a sync can take longer than a frame, and the stop of one activity is the start of another: waiting
 * there is what makes apps hang that write preferences. And a thread is early enough: a process without visible activities is
 * frozen no sooner than some seconds after it was put among the cached ones, whereas a sync takes milliseconds; one that
 * is frozen in the middle ends when the process thaws. A kill in between loses nothing of what was recorded, since that is in the file
 * already. What the sync adds is that it also survives a loss of power.
 */
private class Attachment(
    private val store: EventStore,
    private val application: Application,
    private val onFailure: (EventStoreException) -> Unit
) : BroadcastReceiver(),
    Application.ActivityLifecycleCallbacks,
    ComponentCallbacks2,
    AutoCloseable {
    // One thread, which ends when it has been idle; one persist that waits is enough for everything recorded until it begins.
    private val thread = ThreadPoolExecutor(
        1,
        1,
        5,
        SECONDS,
        LinkedBlockingQueue(1),
        { Thread(it, "tiny-counter-persist") },
        ThreadPoolExecutor.DiscardPolicy()
    ).apply { allowCoreThreadTimeOut(true) }
    private val closed = AtomicBoolean()

    init {
        application.registerActivityLifecycleCallbacks(this)
        application.registerComponentCallbacks(this)
        application.registerReceiver(this, IntentFilter(Intent.ACTION_TIMEZONE_CHANGED))
    }

    override fun onActivityStopped(activity: Activity) {
        // The activity that takes its place is on its way.
        if (!activity.isChangingConfigurations) persist()
    }

    override fun onTrimMemory(level: Int) {
        if (level >= ComponentCallbacks2.TRIM_MEMORY_UI_HIDDEN) persist()
    }

    override fun onReceive(context: Context?, intent: Intent?) = told { store.renewZone() }

    override fun close() {
        // The system throws at those who let go of a receiver twice.
        if (closed.getAndSet(true)) return
        application.unregisterActivityLifecycleCallbacks(this)
        application.unregisterComponentCallbacks(this)
        application.unregisterReceiver(this)
        thread.shutdown()
    }

    private fun persist() = thread.execute { told { store.persist() } }

    private fun told(call: () -> Unit) {
        try {
            call()
        } catch (_: EventStoreException.Closed) {
            // The app closed the store: closing persisted it.
        } catch (error: EventStoreException) {
            onFailure(error)
        }
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

    override fun onActivityStarted(activity: Activity) = Unit

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit

    override fun onConfigurationChanged(configuration: Configuration) = Unit

    @Deprecated("The system no longer calls it")
    override fun onLowMemory() = Unit
}
