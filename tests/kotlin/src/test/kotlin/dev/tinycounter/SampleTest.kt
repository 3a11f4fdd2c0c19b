package dev.tinycounter

import Messages
import Usage
import java.time.temporal.ChronoUnit
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours

/** The readmes show Usage.kt, so that their sample compiles. These tests run it. */
class SampleTest {
    @Test
    fun `the sample runs`() {
        val usage = Usage(memory())
        repeat(2) { usage.launched() }
        assertFalse(usage.mayAskForReview())
        usage.launched()
        assertTrue(usage.mayAskForReview())
        assertFalse(usage.mayAskForReview())
        repeat(100) { usage.scrolled() }
        assertEquals(3, usage.launchesThisWeek())
        assertEquals("1 days, ${100.0 / 3} scrolls for each launch", usage.summary())
    }

    @Test
    fun `the sample of messages runs`() {
        val clock = TestClock(NOON)
        val store = memory(clock)
        val messages = Messages(store)
        assertEquals("again at null", messages.trySale())
        store.record("visit")
        store.record("complaint")
        clock.advance(1.hours)
        assertEquals("again at null", messages.trySale(), "the visit is forgotten before the complaint")
        store.record("launch", 20)
        val allowed = NOON.plus(30, ChronoUnit.DAYS).plusMillis(1)
        assertEquals("again at $allowed", messages.trySale())
        clock.now = allowed
        assertEquals("shown", messages.trySale())
        assertEquals(1, store.today("any_message"))
    }

    @Test
    fun `the readmes show the samples unchanged`() {
        for ((name, readmes) in listOf("Usage" to listOf("README.md", "android/README.md"), "Messages" to listOf("android/README.md"))) {
            val sample = repository.resolve("tests/kotlin/src/test/kotlin/$name.kt").readText()
            for (readme in readmes) assertContains(repository.resolve(readme).readText(), "```kotlin\n$sample```")
        }
    }
}
