import dev.tinycounter.EventName
import dev.tinycounter.EventStore
import dev.tinycounter.cooldown
import dev.tinycounter.limit
import dev.tinycounter.query
import dev.tinycounter.record
import kotlin.time.Duration.Companion.days

enum class Reading(override val eventName: String) : EventName {
    OPENED("article_opened"),
    FINISHED("article_finished"),
    TIP("reading_tip")
}

class ReadingScreen(private val store: EventStore) {
    private val tip = store.limit(Reading.TIP) {
        atMost(1, thisWeek)
        cooldown(Reading.FINISHED, 1.days)
    }

    fun opened() = store.record(Reading.OPENED)

    fun finished() = store.record(Reading.FINISHED)

    fun mayShowTip(): Boolean = tip.checkAndRecord().isAllowed

    /** A bar for each of the last seven days, those without articles too. */
    fun chart(): List<String> = store.query(Reading.OPENED).lastDays(7).bucketsByDate().map { "${it.date.dayOfWeek}: ${it.count}" }
}
