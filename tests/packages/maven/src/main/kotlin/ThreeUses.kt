import dev.tinycounter.Decision
import dev.tinycounter.EventStore
import dev.tinycounter.EventStoreException
import dev.tinycounter.sumFlow
import java.io.File
import java.nio.file.Files
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking

/** What an app does with the library. The tests call it, and the shrunk program does. */
object ThreeUses {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val folder = Files.createTempDirectory("three-uses").toFile()
        try {
            usage(folder)
            screen()
            decision()
            sync()
        } finally {
            folder.deleteRecursively()
        }
        println("three uses")
    }

    /** How often a feature is used, also after a restart. */
    @JvmStatic
    fun usage(folder: File) {
        EventStore.open(folder).use { store ->
            store.event("scroll").record()
            store.record("scroll", 2)
            store.persist()
        }
        EventStore.open(folder).use { store ->
            expect(3L, store.query("scroll").lastDays(7).sum())
            expect(listOf("scroll"), store.events)
        }
    }

    /** A count on a screen, which follows each change. */
    @JvmStatic
    fun screen() {
        EventStore.inMemory().use { store ->
            val sums = store.sumFlow("scroll", every = Duration.INFINITE) { lastDays(7) }
            expect(listOf(null, 1L), runBlocking { sums.take(2).onEach { store.record("scroll") }.toList() })
        }
    }

    /** Whether something may happen now. */
    @JvmStatic
    fun decision() {
        EventStore.inMemory().use { store ->
            val prompt = store.limit("prompt") { atMost(1, 7.days) }
            expect(Decision.Allowed, prompt.checkAndRecord())
            val refused = prompt.checkAndRecord()
            check(refused is Decision.Refused && refused.retryAt != null) { "$refused" }
            val error = runCatching { store.record("prompt", -1) }.exceptionOrNull()
            check(error is EventStoreException.InvalidArgument) { "$error" }
        }
    }

    /** The counts of two devices add up. */
    @JvmStatic
    fun sync() {
        EventStore.inMemory().use { phone ->
            EventStore.inMemory().use { tablet ->
                phone.record("launch", 2)
                tablet.record("launch", 3)
                expect(1, tablet.merge(phone.export()).eventsChanged)
                phone.merge(tablet.export(since = phone.knowledge()))
                expect(5L, phone.query("launch").lastDays(1).sum())
                expect(5L, tablet.query("launch").lastDays(1).sum())
            }
        }
    }

    private fun expect(wanted: Any?, found: Any?) {
        check(wanted == found) { "$wanted was expected, not $found" }
    }
}
