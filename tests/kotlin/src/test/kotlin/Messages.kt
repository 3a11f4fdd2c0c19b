import dev.tinycounter.Decision
import dev.tinycounter.EventStore
import dev.tinycounter.Schedule
import dev.tinycounter.TimeUnit
import java.time.LocalTime
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

class Messages(store: EventStore) {
    private val sale = store.limit("sale_message") {
        atMost(1, 7.days)
        atMost("any_message", 2, TimeUnit.DAYS)
        alsoRecord("any_message") // in one step: two messages cannot both take the last place
        outsideOf(Schedule.Daily(LocalTime.of(22, 30), LocalTime.of(7, 0)))
        anyOf {
            within("visit", 24.hours) // each line of a group is one rule of it
            allOf {
                atLeast("launch", 20, TimeUnit.EVER)
                cooldown("purchase", 30.days)
            }
        }
        noneOf {
            within("crash", 2.days)
            within("complaint", 30.days)
        }
    }

    fun trySale(): String = when (val decision = sale.checkAndRecord()) {
        Decision.Allowed -> "shown"
        // The instant at which all rules pass together.
        is Decision.Refused -> decision.retryAt?.let { "again at $it" } ?: "waiting does not help"
    }
}
