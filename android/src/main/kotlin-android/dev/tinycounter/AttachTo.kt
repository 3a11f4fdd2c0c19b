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
 * Attaches the store to the life of the app: the store is persisted whenever the app goes to the
 * background. When the time zone of the system changes, the store counts days in the new one, unless
 * a zone was chosen for it. When the clock is set, the store reads the rules of its zone again. Call it
 * once, after opening:
 *
 * ```
 * val store = EventStore.open(File(noBackupFilesDir, "counts")).also { it.attachTo(this) }
 * ```
 *
 * @param onFailure called, on any thread, with the error if the store cannot be persisted. By default
 * the error is logged. The next persist saves what was not saved.
 * @return the attachment. Close it to detach from the app for good; the store stays open
 */
public fun EventStore.attachTo(
    application: Application,
    onFailure: (EventStoreException) -> Unit = { Log.w("tiny-counter", "the store was not persisted", it) }
): AutoCloseable = Attachment(this, application, onFailure)

/**
 * Persists on a thread of its own, which starts before the callback returns.
 *
 * A sync can take longer than a frame, and one activity starts while another stops. So the main thread
 * must not wait for it.
 *
 * A background thread is early enough. Android freezes a process some seconds after its last activity
 * has stopped, whereas a sync takes milliseconds. A sync that is interrupted by the freeze continues
 * when the process runs again. A kill before the sync loses no recordings, because they are in the
 * file already; the sync makes them survive a power loss too.
 */
private class Attachment(
    private val store: EventStore,
    private val application: Application,
    private val onFailure: (EventStoreException) -> Unit
) : BroadcastReceiver(),
    Application.ActivityLifecycleCallbacks,
    ComponentCallbacks2,
    AutoCloseable {
    // One thread, which ends when it is idle. One waiting persist is enough: it saves everything that
    // was recorded until it starts.
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
    private val zoneOrClockChanged = IntentFilter(Intent.ACTION_TIMEZONE_CHANGED).apply { addAction(Intent.ACTION_TIME_CHANGED) }

    init {
        application.registerActivityLifecycleCallbacks(this)
        application.registerComponentCallbacks(this)
        application.registerReceiver(this, zoneOrClockChanged)
    }

    override fun onActivityStopped(activity: Activity) {
        // The same activity is created again at once, so the app stays visible.
        if (!activity.isChangingConfigurations) persist()
    }

    override fun onTrimMemory(level: Int) {
        if (level >= ComponentCallbacks2.TRIM_MEMORY_UI_HIDDEN) persist()
    }

    override fun onReceive(context: Context?, intent: Intent?) = reportingFailure { store.renewZone() }

    override fun close() {
        // Unregistering a receiver twice throws.
        if (closed.getAndSet(true)) return
        application.unregisterActivityLifecycleCallbacks(this)
        application.unregisterComponentCallbacks(this)
        application.unregisterReceiver(this)
        thread.shutdown()
    }

    private fun persist() = thread.execute { reportingFailure { store.persist() } }

    private fun reportingFailure(call: () -> Unit) {
        try {
            call()
        } catch (_: EventStoreException.Closed) {
            // The app closed the store, which persisted it.
        } catch (error: EventStoreException) {
            onFailure(error)
        }
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

    // The clock may have left the table of time zone offsets while the app was away.
    override fun onActivityStarted(activity: Activity) = reportingFailure { store.renewZoneIfLeft() }

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit

    override fun onConfigurationChanged(configuration: Configuration) = Unit

    @Deprecated("The system no longer calls it")
    override fun onLowMemory() = Unit
}
