package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlinx.coroutines.runBlocking

/** What answers, reports and handles hold, and what their texts say. */
class ValuesTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    @Test
    fun `a batch asks every question`() {
        store.record("x", 6)
        store.recordAgo("x", 48.hours, 2)
        store.record("y", 2)
        val (answers, seen, difference) = store.query {
            val x = event("x")
            val indices = listOf(x.lastDays(4).averageNonzero(), x.lastDays(4).newest(), x.lastDays(4).oldest())
            Triple(indices, x.firstSeen(), delta("x", "y").lastDays(2).average())
        }
        assertEquals(listOf<Any?>(4.0, 0, 2), answers.map { it.value })
        assertEquals(48.hours, seen.value)
        assertEquals(2.0, difference.value)
    }

    @Test
    fun `health of a store without faults says so`() {
        val health = store.health
        assertEquals(emptyList(), health.quarantined)
        assertTrue(!health.storageFails && health.losses.isEmpty())
        assertNull(health.clockWentBack)
        clock.now = NOON.minusSeconds(7_200)
        store.record("x")
        assertNotNull(store.health.clockWentBack)
    }

    @Test
    fun `usage says how many more are allowed`() {
        store.record("x", 2)
        val usage = assertNotNull(store.limit("x") { atMost(5, TimeUnit.DAYS) }.usage())
        assertEquals(listOf(2L, 5L, 3L), listOf(usage.count, usage.limit, usage.remaining))
    }

    @Test
    fun `texts name what they are about`() {
        assertContains(store.event("tap").toString(), "tap")
        assertContains(store.limit("tap") { atMost(1, TimeUnit.DAYS) }.toString(), "tap")
    }

    @Test
    fun `windows since a session and since a version are those of their markers`() {
        store.record("tap")
        store.session()
        store.appVersion("1")
        store.record("tap", 2)
        for (window in listOf(SinceWindow.session(), SinceWindow.appVersion())) {
            assertTrue(store.limit("x", Limit(Rule.AtLeast("tap", 2, window))).isAllowed())
            assertTrue(!store.limit("x", Limit(Rule.AtLeast("tap", 3, window))).isAllowed())
        }
    }

    @Test
    fun `a merge reports whose counts came, and parts are made outside of the caller's thread`() = runBlocking {
        repeat(50) { store.record("event $it") }
        val parts = store.awaitExportParts(400)
        assertTrue(parts.size > 1)
        val peer = memory(clock)
        assertEquals(1, parts.map { peer.merge(it) }.first().replicas)
        assertEquals(50, peer.events.size)
        peer.awaitRecordNow("event 1")
        assertEquals(2, peer.query("event 1").lifetime())
        assertEquals(listOf("event 1"), peer.dailyHistory("event 1").map { it.event })
    }
}
