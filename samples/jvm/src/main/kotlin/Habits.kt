import dev.tinycounter.Decision
import dev.tinycounter.EventStore
import dev.tinycounter.EventStoreException
import java.io.File
import java.io.IOException
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.days

private const val USAGE = """habits FOLDER COMMAND

    record HABIT [COUNT]    count a habit
    show                    what was counted in the last seven days
    remind HABIT            print a reminder, at most one a day, and only for a habit that is due
    export FILE             write all counts to a file
    merge FILE              take the counts of another folder, from a file that it exported"""

/** Counts habits in a folder, and merges the counts of several folders. */
class Habits(private val store: EventStore) {
    fun record(habit: String, count: Int): String {
        store.record(habit, count)
        return "$habit: ${week(habit)}"
    }

    fun show(): List<String> = store.events
        .filter { !it.startsWith(REMINDED) }
        .sorted()
        .map { "$it: ${week(it)}" }

    /** Each habit has a limit of its own, and all share one reminder a day. */
    fun remind(habit: String): String {
        val reminder = store.limit("$REMINDED of $habit") {
            atMost(REMINDED, 1, 1.days)
            cooldown(habit, 1.days)
            alsoRecord(REMINDED)
        }
        return when (val decision = reminder.checkAndRecord()) {
            Decision.Allowed -> "Time for: $habit"
            is Decision.Refused -> "not before ${decision.retryAt}"
        }
    }

    fun export(file: File): String {
        file.writeBytes(store.export())
        return "exported"
    }

    /** Merging a file twice counts nothing twice. */
    fun merge(file: File): String = "${store.merge(file.readBytes()).eventsChanged} events changed"

    private fun week(habit: String): String {
        val days = store.query(habit).lastDays(7)
        return "${days.sum() ?: 0} in 7 days"
    }

    private companion object {
        const val REMINDED = "(reminded)"
    }
}

fun main(arguments: Array<String>) {
    try {
        EventStore.open(File(arguments.getOrElse(0) { usage() })).use { store ->
            println(answer(Habits(store), arguments.drop(1)))
        }
    } catch (error: EventStoreException) {
        fail("${error.message}")
    } catch (error: IOException) {
        fail("${error.message}")
    }
}

private fun answer(habits: Habits, arguments: List<String>): String {
    val argument = arguments.getOrNull(1)
    return when (arguments.firstOrNull()) {
        "record" -> habits.record(argument ?: usage(), arguments.getOrElse(2) { "1" }.toIntOrNull() ?: usage())
        "show" -> habits.show().joinToString("\n")
        "remind" -> habits.remind(argument ?: usage())
        "export" -> habits.export(File(argument ?: usage()))
        "merge" -> habits.merge(File(argument ?: usage()))
        else -> usage()
    }
}

private fun usage(): Nothing = fail(USAGE)

private fun fail(text: String): Nothing {
    System.err.println(text)
    exitProcess(1)
}
