import android.content.SharedPreferences
import dev.tinycounter.EventStore
import dev.tinycounter.Occurrence
import dev.tinycounter.awaitImportOnce
import java.time.Instant

class OldCounts(private val store: EventStore, private val preferences: SharedPreferences) {
    suspend fun takeOver() {
        store.awaitImportOnce("preferences-v1") {
            val last = Instant.ofEpochMilli(preferences.getLong("last_launch", 0))
            listOf(Occurrence("launch", last, preferences.getLong("launches", 0)))
        }
        preferences.edit().clear().apply() // the counts are on the disk now
    }
}
