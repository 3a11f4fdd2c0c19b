package dev.tinycounter

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.time.Duration.Companion.days
import org.junit.jupiter.api.io.TempDir

/** The sample of android/README.md, but for what needs Android. */
class SampleTest {
    @Test
    fun `the sample of the readme`(@TempDir noBackupFilesDir: File) {
        val said = mutableListOf<String>()
        fun println(line: Any?) {
            said += line.toString()
        }
        fun askForReview() = println("asked")

        // sample
        val store = EventStore.open(File(noBackupFilesDir, "counts"))

        store.record("app_launch", 3)
        val scroll = store.event("scroll") // a handle, for what is recorded often
        repeat(100) { scroll.record() }

        println(store.query("app_launch").lastDays(7).sum()) // 3
        val stats = store.query {
            // all of it at one instant
            object {
                val activeDays by event("app_launch").lastDays(28).countNonzero()
                val scrollsPerLaunch by ratio("scroll", "app_launch").lastDays(28)
            }
        }
        println("${stats.activeDays} days, ${stats.scrollsPerLaunch} scrolls for each launch")

        val prompt = store.limit("review_prompt") {
            atMost(1, 7.days)
            atLeast("app_launch", 3, 28.days)
            cooldown("crash", 2.days)
        }
        when (val decision = prompt.checkAndRecord()) {
            is Decision.Allowed -> askForReview()
            is Decision.Refused -> println("not now: $decision") // every rule that refused, and until when
        }
        // end of sample

        store.close()
        assertEquals(listOf("3", "1 days, ${100.0 / 3} scrolls for each launch", "asked"), said)
    }

    /** The code above is the code in the readmes, so that what readers copy is what was compiled. */
    @Test
    fun `the readmes have the sample as it is here`() {
        val source = repository.resolve("tests/kotlin/src/test/kotlin/dev/tinycounter/SampleTest.kt").readText()
        val sample = source.substringAfter("// sample\n").substringBefore("        // end of sample").trimIndent().trim()
        for (readme in listOf("README.md", "android/README.md")) {
            assertContains(repository.resolve(readme).readText(), "```kotlin\n$sample\n```")
        }
    }
}
