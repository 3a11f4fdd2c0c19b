import dev.tinycounter.EventStore
import dev.tinycounter.EventStoreException

/** Counts uncaught exceptions as the event `crash`. Call it once, after opening the store. */
fun countCrashes(store: EventStore) {
    val earlier = Thread.getDefaultUncaughtExceptionHandler()
    Thread.setDefaultUncaughtExceptionHandler { thread, error ->
        try {
            store.recordNow("crash")
        } catch (_: EventStoreException) {
            // The disk is full, or the store is closed. Nothing more can be done here.
        } finally {
            earlier?.uncaughtException(thread, error) // ends the process
        }
    }
}
