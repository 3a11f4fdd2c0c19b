import dev.tinycounter.Decision
import dev.tinycounter.EventStore
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

class Usage(private val store: EventStore) {
    private val scroll = store.event("scroll") // a handle, for what is recorded often
    private val prompt = store.limit("review_prompt") {
        atMost(1, 7.days)
        cooldown("crash", 2.days)
        anyOf {
            atLeast("app_launch", 3, 28.days)
            within("purchase", 24.hours)
        }
    }
    private val activeDays = store.prepareQuestion { event("app_launch").lastDays(28).countNonzero() } // asked often

    fun launched() = store.record("app_launch")

    fun scrolled() = scroll.record()

    fun launchesThisWeek(): Long = store.query("app_launch").lastDays(7).sum() ?: 0

    fun isLoyal(): Boolean = (activeDays.ask() ?: 0) >= 15

    fun summary(): String {
        val stats = store.query {
            // all of it at one instant
            object {
                val activeDays by event("app_launch").lastDays(28).countNonzero()
                val scrollsPerLaunch by ratio("scroll", "app_launch").lastDays(28)
            }
        }
        return "${stats.activeDays} days, ${stats.scrollsPerLaunch} scrolls for each launch"
    }

    fun mayAskForReview(): Boolean {
        val decision = prompt.checkAndRecord()
        if (decision is Decision.Refused) {
            println(decision) // every rule that refused
            decision.retryAt?.let { println("not before $it") } // null: waiting does not help
        }
        return decision.isAllowed
    }

    fun report(): String = prompt.explain().text // a table of the rules and their numbers, for a debug screen
}
