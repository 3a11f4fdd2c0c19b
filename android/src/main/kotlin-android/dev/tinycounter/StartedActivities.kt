package dev.tinycounter

import android.app.Activity
import android.app.Application
import android.os.Bundle

/**
 * Counts the started activities of an app, and calls [onLeft] when the app leaves the screen and
 * [onReturned] when it comes to the screen. The system calls it on the main thread.
 *
 * One activity starts before another one stops, so the app has left when none is started. If a
 * stopped activity is created again because the configuration changed, for example by rotating the
 * device, the app has not left.
 */
internal class StartedActivities(private val onReturned: () -> Unit, private val onLeft: () -> Unit) :
    Application.ActivityLifecycleCallbacks {
    private var isRecreating = false

    @Volatile
    private var started = 0

    /** Whether an activity is started. Any thread may read it. */
    val isOnScreen: Boolean get() = started > 0

    override fun onActivityStarted(activity: Activity) {
        val isFirst = started == 0 && !isRecreating
        started += 1
        isRecreating = false
        if (isFirst) onReturned()
    }

    override fun onActivityStopped(activity: Activity) {
        // An activity that started before this object was registered is not counted.
        started = maxOf(started - 1, 0)
        isRecreating = activity.isChangingConfigurations
        if (started == 0 && !isRecreating) onLeft()
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
}
