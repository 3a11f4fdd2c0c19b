import dev.tinycounter.EventStore
import dev.tinycounter.EventStoreException
import dev.tinycounter.LimitSet

class ServerRules(private val store: EventStore, bundled: String) {
    private var rules = LimitSet.fromJson(bundled)

    /** Takes all of the rules that the server sent, or none of them. Returns what is wrong with them. */
    fun update(text: String): String? = try {
        val received = LimitSet.fromJson(text)
        // A limit that this store cannot ask is an error here, for example since an unknown marker.
        received.forEach { (message, limit) -> store.limit(message, limit) }
        rules = received
        null
    } catch (error: EventStoreException) {
        error.message // InvalidRules also has the place as a field
    }

    fun mayShow(message: String): Boolean {
        val limit = rules[message] ?: return false
        return store.limit(message, limit).checkAndRecord().isAllowed
    }
}
