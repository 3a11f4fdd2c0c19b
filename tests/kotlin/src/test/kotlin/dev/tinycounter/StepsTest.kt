package dev.tinycounter

import java.time.Instant
import java.util.Locale
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The steps of a file that Rust and Swift run too: all languages give the same answers. */
class StepsTest {
    private val clock = TestClock(NOON)
    private val stores = listOf("phone", "tablet").associateWith {
        EventStore.inMemory(timeZone = UTC, clock = clock, markers = listOf("update"))
    }
    private val limits = LimitSet.fromJson(repository.resolve("tests/fixtures/rules/app.json").readText())
    private val keys = mutableMapOf<String, Long>()

    @Test
    fun `every step gives the answer of the file`() {
        val lines = repository.resolve("tests/fixtures/steps.txt").readLines().filterNot { it.startsWith("#") }
        for (line in lines) {
            val parts = line.split(" = ")
            assertEquals(parts.getOrElse(1) { "" }, take(parts[0].split(" ")), parts[0])
        }
        assertTrue(lines.size >= 200)
    }

    /** The answer to a step; empty if it has none. */
    private fun take(words: List<String>): String {
        if (words[0] == "wait") {
            clock.advance(words[1].toInt().seconds)
            return ""
        }
        val store = stores.getValue(words[0])
        val arguments = words.drop(2)
        return record(store, words[1], arguments) ?: ask(store, words[1], arguments)
    }

    private fun limit(store: EventStore, name: String) = store.limit(name, limits.getValue(name))

    /** Steps that change a store. */
    private fun record(store: EventStore, verb: String, arguments: List<String>): String? = when (verb) {
        "record" -> store.record(arguments[0], arguments[1].toInt()).text()
        "record_ago" -> store.recordAgo(arguments[0], arguments[1].toInt().seconds, arguments[2].toInt()).text()
        "record_at" ->
            store.recordAt(arguments[0], Instant.ofEpochSecond(arguments[1].toLong()), arguments[2].toInt()).text()
        "session" -> store.session().text()
        "app_version" -> store.appVersion(arguments[0]).toString()
        "balance" -> store.balance(arguments[0], arguments[1]).text()
        "erase" -> store.erase(arguments[0]).toString()
        "erase_all" -> store.eraseAll().toString()
        "decide" -> limit(store, arguments[0]).checkAndRecord().text()
        "hold" -> when (val held = limit(store, arguments[0]).reserveFor(arguments[1].toInt().seconds)) {
            is StoredReservation -> "recorded".also { keys[arguments[2]] = held.key }
            is Decision.Refused -> held.text()
        }
        "commit", "cancel" -> keys.remove(arguments[0])?.let { end(store, verb, it) } ?: "none"
        "merge" -> store.merged(listOf(stores.getValue(arguments[0]).export()))
        "hear" -> store.merged(listOf(stores.getValue(arguments[0]).export(store.knowledge())))
        "hear_parts" -> store.merged(stores.getValue(arguments[0]).exportParts(400, store.knowledge()))
        else -> null
    }

    private fun end(store: EventStore, verb: String, key: Long): String = try {
        if (verb == "commit") store.commitReservation(key) else store.cancelReservation(key)
        "done"
    } catch (_: EventStoreException.ReservationExpired) {
        "expired"
    }

    private fun EventStore.merged(parts: List<ByteArray>): String = parts.sumOf { merge(it).eventsChanged }.toString()

    /** Questions. */
    private fun ask(store: EventStore, verb: String, arguments: List<String>): String = when (verb) {
        "events" -> store.events.sorted().joinToString(",")
        "allowed" -> limit(store, arguments[0]).isAllowed().toString()
        "usage" -> limit(store, arguments[0]).usage()?.let { "${it.count}/${it.limit}" } ?: "none"
        "explain" -> {
            val explained = limit(store, arguments[0]).explain()
            val rules = explained.rules.joinToString("") { if (it.passes) "+" else "-" }
            "$rules ${explained.retryAfter.takeUnless { explained.passes }.millis()}"
        }
        "history" -> store.dailyHistory(arguments[0]).joinToString(",") { "${it.at.epochSecond}:${it.count}" }
        "since" -> store.query(arguments[0]).since(arguments[1]).text()
        "since_session" -> store.query(arguments[0]).sinceSession().text()
        "since_version" -> store.query(arguments[0]).sinceAppVersion().text()
        "lifetime" -> store.query(arguments[0]).lifetime().text()
        "last_seen" -> store.query(arguments[0]).lastSeen().text()
        "first_seen" -> store.query(arguments[0]).firstSeen().text()
        "rolling" -> store.query(arguments[0]).rolling(arguments[1].toInt().seconds).sum().text()
        "ratio" -> store.ratio(arguments[0], arguments[1]).over(arguments.drop(1)).text()
        "delta" -> store.delta(arguments[0], arguments[1]).over(arguments.drop(1)).sum().text()
        else -> store.query(arguments[0]).over(arguments).measure(verb)
    }

    private fun <R> Ranges<R>.over(arguments: List<String>): R {
        val n = arguments[2].toInt()
        return when (arguments[1]) {
            "minutes" -> lastMinutes(n)
            "hours" -> lastHours(n)
            "days" -> lastDays(n)
            "weeks" -> lastWeeks(n)
            "months" -> lastMonths(n)
            else -> lastYears(n)
        }
    }

    private fun RangeQuery.measure(verb: String): String = when (verb) {
        "sum" -> sum().text()
        "average" -> average().text()
        "average_nonzero" -> averageNonzero().text()
        "count_nonzero" -> countNonzero().text()
        "newest" -> newest().text()
        "oldest" -> oldest().text()
        // A list without an answer is empty.
        "buckets" -> buckets().joinToString(",").ifEmpty { "none" }
        "dates" -> bucketsByDate().joinToString(",") { "${it.date} ${it.count}" }.ifEmpty { "none" }
        else -> error(verb)
    }

    private fun SinceQuery.text(): String = bounds()?.let { "${it.first}..${it.last}" } ?: "none"

    private fun Decision.text(): String = when (this) {
        is Decision.Allowed -> "recorded"
        is Decision.Refused -> "refused ${retryAfter.millis()}"
    }

    private fun Duration?.millis(): String = this?.inWholeMilliseconds?.toString() ?: "never"

    private fun Any?.text(): String = when (this) {
        null -> "none"
        Unit -> ""
        is Double -> String.format(Locale.ROOT, "%.4f", this)
        is Duration -> inWholeMilliseconds.toString()
        else -> toString()
    }
}
