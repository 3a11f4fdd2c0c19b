package dev.tinycounter

import Usage
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

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
    fun `the readmes show the sample unchanged`() {
        val sample = repository.resolve("tests/kotlin/src/test/kotlin/Usage.kt").readText()
        for (readme in listOf("README.md", "android/README.md")) {
            assertContains(repository.resolve(readme).readText(), "```kotlin\n$sample```")
        }
    }
}
