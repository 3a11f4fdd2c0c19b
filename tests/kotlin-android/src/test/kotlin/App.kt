import android.app.Application
import dev.tinycounter.AppStore
import dev.tinycounter.EventStore
import dev.tinycounter.open

class App : Application() {
    lateinit var counts: AppStore
        private set

    override fun onCreate() {
        super.onCreate()
        counts = EventStore.open(this)
        counts.whenOpen { store -> store.record("process_start") } // never waits
    }

    fun launched() = counts.store.record("launch") // in an activity: the store is open by then
}
