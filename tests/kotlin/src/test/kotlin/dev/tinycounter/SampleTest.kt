package dev.tinycounter

import Device
import LaunchScreen
import Messages
import ReadingScreen
import ServerRules
import Sessions
import Usage
import debugText
import java.time.temporal.ChronoUnit
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.runTest

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
        assertFalse(usage.isLoyal())
        assertContains(usage.report(), "| no | review_prompt | at most 1 in the last 7 days | 1 |")
    }

    @Test
    fun `the sample of messages runs`() {
        val clock = TestClock(NOON)
        val store = memory(clock)
        val messages = Messages(store)
        assertEquals("waiting does not help", messages.trySale())
        store.record("visit")
        store.record("complaint")
        clock.advance(1.hours)
        assertEquals("waiting does not help", messages.trySale(), "the visit is forgotten before the complaint")
        store.record("launch", 20)
        val allowed = NOON.plus(30, ChronoUnit.DAYS).plusMillis(1)
        assertEquals("again at $allowed", messages.trySale())
        clock.now = allowed
        assertEquals("shown", messages.trySale())
        assertEquals(1, store.today("any_message"))
    }

    @Test
    fun `the sample of sessions runs`() {
        val store = EventStore.inMemory(timeZone = UTC, markers = listOf("review_prompt"))
        val sessions = Sessions(store)
        repeat(2) {
            sessions.launched("1.0")
            assertTrue(sessions.tryTip())
            assertFalse(sessions.tryTip(), "once in a session")
            assertFalse(sessions.tryPrompt())
        }
        sessions.launched("1.0")
        store.record("crash")
        assertFalse(sessions.tryPrompt(), "it crashed in this version")
        sessions.launched("1.1")
        assertEquals(4, sessions.launchesSincePrompt())
        assertTrue(sessions.tryPrompt())
        assertEquals(0, sessions.launchesSincePrompt())
        assertFalse(sessions.tryPrompt())
    }

    @Test
    fun `the sample of rules from a server runs`() {
        val rules = ServerRules(memory(), """{"version": 1, "limits": {"tip": {"all": [{"at_most": 1, "of": "tip", "within": "P1D"}]}}}""")
        assertTrue(rules.mayShow("tip"))
        assertFalse(rules.mayShow("tip") || rules.mayShow("offer"))
        val wrong = """{"version": 1, "limits": {"offer": {"all": []}, "tip": {"all": [{"at_most": 2}]}}}"""
        assertEquals("/limits/tip/all/0: expected the member `of`, found none", rules.update(wrong))
        val unknown = """{"version": 1, "limits": {"tip": {"all": [{"at_most": 1, "of": "tip", "within": {"since": "typo"}}]}}}"""
        assertTrue("not a marker" in rules.update(unknown).orEmpty())
        assertFalse(rules.mayShow("tip") || rules.mayShow("offer"))
        assertNull(rules.update("""{"version": 1, "limits": {"tip": {"all": [{"at_most": 2, "of": "tip", "within": "P1D"}]}}}"""))
        assertTrue(rules.mayShow("tip"), "the second one of today")
        assertFalse(rules.mayShow("tip"))
    }

    @Test
    fun `the sample of typed events runs`() {
        val clock = TestClock(NOON)
        val screen = ReadingScreen(memory(clock))
        repeat(2) { screen.opened() }
        screen.finished()
        assertFalse(screen.mayShowTip())
        clock.advance(24.hours)
        assertTrue(screen.mayShowTip())
        assertFalse(screen.mayShowTip())
        assertEquals(listOf("MONDAY: 0", "TUESDAY: 2", "WEDNESDAY: 0"), screen.chart().takeLast(3))
    }

    @Test
    fun `the sample of a screen runs`() = runTest {
        val store = memory()
        val screen = LaunchScreen(store, StandardTestDispatcher(testScheduler))
        assertEquals("0 launches this week", screen.launches.first())
        assertFalse(screen.mayAsk.first())
        store.record("launch", 3)
        assertEquals("3 launches this week", screen.launches.first())
        assertTrue(screen.mayAsk.first())
    }

    @Test
    fun `the sample of devices runs`() {
        val (phoneStore, tabletStore) = memory() to memory()
        val (phone, tablet) = Device(phoneStore) to Device(tabletStore)
        phoneStore.record("launch", 2)
        tabletStore.record("launch", 3)
        assertEquals(1, tablet.receive(phone.everything()))
        assertEquals(0, tablet.receive(phone.everything()))
        assertEquals(1, phone.receive(tablet.answerTo(phone.whatIKnow())))
        assertEquals(5, phoneStore.today("launch"))
    }

    @Test
    fun `the sample of a debug screen runs`() {
        val store = memory()
        val tip = store.limit("tip") { atMost(1, 7.days) }
        store.record("launch", 2)
        tip.checkAndRecord()
        val lines = debugText(store, listOf(tip)).trim().lines()
        assertEquals(listOf("launch: 2 in 7 days, 2 ever", "tip: 1 in 7 days, 1 ever"), lines.take(2))
        assertTrue(lines.last().startsWith("| no | tip | at most 1 in the last 7 days | 1 |"), "$lines")
    }

    @Test
    fun `the readmes show the samples unchanged`() {
        val samples = listOf("Usage", "Messages", "Reading", "Sessions", "ServerRules", "CrashCounter", "LaunchScreen", "PromptTest", "Device", "DebugScreen").map { it to "android/README.md" } + ("Usage" to "README.md")
        for ((name, readme) in samples) {
            val sample = repository.resolve("tests/kotlin/src/test/kotlin/$name.kt").readText()
            assertContains(repository.resolve(readme).readText(), "```kotlin\n$sample```")
        }
    }
}
