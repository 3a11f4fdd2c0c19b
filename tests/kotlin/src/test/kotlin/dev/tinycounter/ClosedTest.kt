package dev.tinycounter

import java.io.File
import java.time.ZoneId
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import org.junit.jupiter.api.io.TempDir

/** What each call answers after the store was closed, and while it is closed. */
class ClosedTest {
    @TempDir
    private lateinit var directory: File

    private val clock = TestClock(NOON)

    @Test
    fun `every call on a closed store answers as documented`() {
        for (store in listOf(memory(clock), open(directory, clock))) {
            store.record("x")
            val export = store.export()
            val launch = store.event("x")
            val question = store.prepareQuestion { event("x").lifetime() }
            val limit = store.limit("x") { atMost(9, 1.days) }
            val (committed, cancelled) = List(2) { assertIs<Reservation>(limit.reserve()) }
            val key = assertIs<StoredReservation>(limit.reserveFor(1.days)).key
            store.close()
            val calls = mapOf(
                "recordNow" to { store.recordNow("x") },
                "recordAt" to { store.recordAt("x", NOON) },
                "balance" to { store.balance("x", "y") },
                "appVersion" to { store.appVersion("1") },
                "sum" to { store.query("x").lastDays(1).sum() },
                "average" to { store.query("x").lastDays(1).average() },
                "buckets" to { store.query("x").lastDays(1).buckets() },
                "since" to { store.query("x").sinceSession().sum() },
                "batch" to { store.query { event("x").lifetime() } },
                "ask" to { question.ask() },
                "dailyHistory" to { store.dailyHistory("x") },
                "check" to { limit.check() },
                "checkAndRecord" to { limit.checkAndRecord() },
                "reserve" to { limit.reserve() },
                "reserveFor" to { limit.reserveFor(1.hours) },
                "usage" to { limit.usage() },
                "explain" to { limit.explain() },
                "commit" to { committed.commit() },
                "commitReservation" to { store.commitReservation(key) },
                "cancelReservation" to { store.cancelReservation(key) },
                "persist" to { store.persist() },
                "export" to { store.export() },
                "exportParts" to { store.exportParts(1_000) },
                "knowledge" to { store.knowledge() },
                "merge" to { store.merge(export) },
                "replicas" to { store.replicas() },
                "forgetReplicas" to { store.forgetReplicas(listOf("0".repeat(32))) },
                "erase" to { store.erase("x") },
                "eraseEvents" to { store.eraseEvents(listOf("x")) },
                "eraseAll" to { store.eraseAll() },
                "acknowledgeLoss" to { store.acknowledgeLoss() }
            )
            for ((name, call) in calls) assertFailsWith<EventStoreException.Closed>(name) { call() }
            store.record("x")
            launch.record()
            store.recordAgo("x", 1.hours)
            store.session()
            assertFalse(limit.isAllowed())
            cancelled.close()
            assertEquals(listOf("x"), store.events)
            assertEquals(listOf(key), store.reservations.map { it.key })
            assertTrue(store.health.isGood)
            assertEquals(56, store.tracking[TimeUnit.DAYS])
            assertTrue(store.memoryUsage >= 0)
            assertEquals(listOf(NOON), limit.rehearse(emptyList(), listOf(NOON)))
            store.event("new").record()
            store.limit("y") { atMost(1, 1.days) }
            store.setTimeZone(ZoneId.of("Asia/Tokyo"))
            store.renewTimeZone()
            store.close()
        }
        open(directory, clock).use { assertEquals(1, it.query("x").lifetime()) }
    }

    @Test
    fun `calls on many threads while the store is closed answer or say that it is closed`() {
        repeat(10) { round ->
            val store = open(File(directory, "$round"), clock)
            val limit = store.limit("x") { atMost(1_000_000, 1.days) }
            val decided = AtomicInteger()
            val surprises = AtomicInteger()
            val threads = List(4) { number ->
                Thread {
                    try {
                        while (true) {
                            store.record("tap")
                            if (number == 0) store.query("tap").lifetime()
                            if (limit.checkAndRecord().isAllowed) decided.incrementAndGet()
                        }
                    } catch (_: EventStoreException.Closed) {
                        // As expected.
                    } catch (error: Throwable) {
                        error.printStackTrace()
                        surprises.incrementAndGet()
                    }
                }
            }
            threads.forEach(Thread::start)
            while (decided.get() < 20) Thread.onSpinWait()
            store.close()
            threads.forEach(Thread::join)
            assertEquals(0, surprises.get())
            open(File(directory, "$round"), clock).use { assertTrue((it.query("x").lifetime() ?: 0) >= decided.get()) }
        }
    }

    @Test
    fun `handles that are collected are released and their numbers are not used again`() {
        val store = memory(clock)
        val limits = List(50) { round ->
            repeat(200) {
                val event = store.event("event $round $it")
                event.record()
                store.prepareQuestion { event("event $round $it").lifetime() }.ask()
                assertIs<Reservation>(store.limit("event $round $it") { atMost(5, 1.days) }.reserve())
            }
            System.gc()
            store.limit("event $round 0") { atMost(1, 1.days) }
        }
        for (limit in limits) assertFalse(limit.isAllowed())
        repeat(50) { assertEquals(1, store.query("event $it 199").lifetime()) }
    }
}
