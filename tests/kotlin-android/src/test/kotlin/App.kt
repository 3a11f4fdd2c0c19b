import android.app.Application
import dev.tinycounter.AppStore
import dev.tinycounter.EventStore
import dev.tinycounter.open

class App : Application() {
    lateinit var counts: AppStore
        private set

    override fun onCreate() {
        super.onCreate()
        counts = EventStore.open(this) // returns at once
        counts.whenOpen { store ->
            countCrashes(store) // see "Crashes" below
            store.record("process_start")
        }
    }
}
