import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.tinycounter.AppStore
import dev.tinycounter.awaitPersist
import dev.tinycounter.awaitStore

/** For `Worker.doWork` and `FirebaseMessagingService.onMessageReceived`, which run on a background thread. */
fun countMessage(counts: AppStore) {
    val store = counts.store // waits until it is open
    store.record("message")
    store.persist() // the process may end soon
}

/** For `CoroutineWorker.doWork`. */
suspend fun countWork(counts: AppStore) {
    val store = counts.awaitStore()
    store.record("work")
    store.awaitPersist()
}

class AlarmReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) { // on the main thread
        (context.applicationContext as App).counts.whenOpen { it.record("alarm") }
    }
}
