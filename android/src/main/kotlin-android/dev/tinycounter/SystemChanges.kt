package dev.tinycounter

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter

/**
 * Calls [onClock] when the clock or the time zone of the system is set, and [onUnlocked] when the
 * device is unlocked for the first time after it started. Only the system can send these
 * broadcasts, so the receiver needs no flag for whether it is exported.
 */
internal class SystemChanges(private val onClock: () -> Unit, private val onUnlocked: () -> Unit) : BroadcastReceiver() {
    fun registerIn(context: Context) {
        val filter = IntentFilter()
        for (action in listOf(Intent.ACTION_TIMEZONE_CHANGED, Intent.ACTION_TIME_CHANGED, Intent.ACTION_USER_UNLOCKED)) {
            filter.addAction(action)
        }
        context.registerReceiver(this, filter)
    }

    override fun onReceive(context: Context?, intent: Intent?) {
        if (intent?.action == Intent.ACTION_USER_UNLOCKED) onUnlocked() else onClock()
    }
}
