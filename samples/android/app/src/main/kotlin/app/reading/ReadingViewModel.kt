package app.reading

import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.lifecycle.ViewModel
import androidx.lifecycle.viewModelScope
import dev.tinycounter.AppStore
import dev.tinycounter.EventStoreException
import dev.tinycounter.awaitStore
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

class ReadingViewModel(private val store: AppStore) : ViewModel() {
    var summary by mutableStateOf(Summary())
        private set
    var asksForReview by mutableStateOf(false)
        private set
    var message by mutableStateOf("")
        private set

    /** The articles of today, as long as the screen collects them. Without a store there are none. */
    val finishedToday: Flow<Long> = flow { emitAll(Counts(store.awaitStore()).finishedToday()) }.catch { error ->
        if (error !is EventStoreException) throw error
        message = "${error.message}"
    }

    init {
        act { it.launched() }
    }

    fun finished() = act {
        it.finished()
        asksForReview = it.mayAskForReview()
    }

    fun failed() = act { it.failed() }

    fun reviewed() {
        asksForReview = false
    }

    /** Files stand for a transport: a server, or another app of the same person. */
    fun export(file: File) = act { counts ->
        withContext(Dispatchers.IO) { file.writeBytes(counts.export()) }
    }

    fun merge(file: File) = act { counts ->
        val report = withContext(Dispatchers.IO) { counts.merge(file.readBytes()) }
        message = "${report.eventsChanged} events changed"
    }

    /** Waits for the store, which an activity finds open, and shows the counts as they are afterwards. */
    private fun act(action: suspend (Counts) -> Unit) {
        viewModelScope.launch {
            try {
                val counts = Counts(store.awaitStore())
                action(counts)
                summary = counts.summary()
            } catch (error: EventStoreException) {
                message = "${error.message}"
            }
        }
    }
}
