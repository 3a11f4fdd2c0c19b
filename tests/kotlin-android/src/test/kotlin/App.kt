import android.app.Application
import android.util.Log
import dev.tinycounter.EventStore
import dev.tinycounter.EventStoreException
import dev.tinycounter.attachTo
import java.io.File

class App : Application() {
    lateinit var store: EventStore
        private set

    override fun onCreate() {
        super.onCreate()
        store = try {
            EventStore.open(File(noBackupFilesDir, "counts")).also { it.attachTo(this) }
        } catch (error: EventStoreException) {
            Log.w("App", "counting in memory only", error)
            EventStore.inMemory()
        }
    }
}
