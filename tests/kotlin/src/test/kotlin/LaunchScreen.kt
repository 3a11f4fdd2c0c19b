import dev.tinycounter.EventStore
import dev.tinycounter.sumFlow
import dev.tinycounter.valueFlow
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map

class LaunchScreen(store: EventStore, dispatcher: CoroutineDispatcher = Dispatchers.Default) {
    private val prompt = store.limit("review_prompt") { atLeast("launch", 3) }

    /** In Compose: `screen.launches.collectAsState("")`. */
    val launches: Flow<String> =
        store.sumFlow("launch", dispatcher = dispatcher) { lastDays(7) }.map { "${it ?: 0} launches this week" }

    val mayAsk: Flow<Boolean> = store.valueFlow(dispatcher = dispatcher) { prompt.isAllowed() }
}
