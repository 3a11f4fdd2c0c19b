import dev.tinycounter.EventStore
import dev.tinycounter.Limiter

/** What the store knows, for a debug screen: each event, and why a limit refuses. */
fun debugText(store: EventStore, limits: List<Limiter>): String {
    val counts = store.events.map { event ->
        val query = store.query(event)
        "$event: ${query.lastDays(7).sum() ?: 0} in 7 days, ${query.lifetime() ?: 0} ever"
    }
    return (counts + limits.map { it.explain().text }).joinToString("\n")
}
