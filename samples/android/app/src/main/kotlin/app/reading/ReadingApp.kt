package app.reading

import android.app.Application
import dev.tinycounter.AppStore
import dev.tinycounter.EventStore
import dev.tinycounter.open

class ReadingApp : Application() {
    lateinit var store: AppStore
        private set

    override fun onCreate() {
        super.onCreate()
        store = EventStore.open(this) // returns at once
    }
}
