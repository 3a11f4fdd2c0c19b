package dev.tinycounter

import java.time.Instant
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

class RecordTest {
    private val store = memory()

    @Test
    fun `recordings are counted`() {
        store.record("launch")
        store.record("launch", 4)
        assertEquals(5, store.today("launch"))
        assertNull(store.query("never").lastDays(1).sum())
    }

    @Test
    fun `a count of zero makes an event known`() {
        store.record("known", 0)
        assertEquals(0, store.query("known").lastDays(1).sum())
        assertNull(store.query("known").lastSeen())
    }

    @Test
    fun `a handle records like the store`() {
        val launch = store.event("launch")
        launch.record()
        launch.record(2)
        assertEquals(3, store.today("launch"))
        assertEquals("launch", launch.name)
    }

    @Test
    fun `recordings by handles that are collected are not lost`() {
        repeat(2_000) { store.event("e${it % 10}").record() }
        System.gc()
        repeat(2_000) { store.event("e${it % 10}").record(2) }
        assertEquals(List(10) { 600L }, List(10) { store.today("e$it") })
    }

    @Test
    fun `a recording for the past counts on its own day`() {
        store.recordAt("sync", NOON.minusSeconds(86_400), 3)
        store.recordAgo("sync", 2.days)
        store.recordAgo("sync", 3.hours, 5)
        assertEquals(listOf(5L, 3L, 1L), store.query("sync").lastDays(3).buckets())
    }

    @Test
    fun `a recording that is too old makes the event known and is not counted`() {
        store.recordAgo("ancient", 4_000.days)
        assertEquals(0, store.query("ancient").ever().sum())
        assertEquals(4_000.days, store.query("ancient").lastSeen())
    }

    @Test
    fun `an event up to a minute in the future happened now`() {
        store.recordAgo("x", (-1).minutes)
        store.recordAt("x", NOON.plusSeconds(60))
        assertEquals(Duration.ZERO, store.query("x").lastSeen())
        assertEquals(2, store.today("x"))
    }

    @Test
    fun `negative counts are errors and nothing is counted`() {
        val handle = store.event("x")
        val calls = listOf(
            { store.record("x", -1) },
            { store.record("x", Int.MIN_VALUE) },
            { store.recordAt("x", NOON, -1) },
            { store.recordAgo("x", 1.days, -1) },
            { handle.record(-1) }
        )
        for (call in calls) assertFailsWith<EventStoreException.InvalidArgument> { call() }
        assertEquals(emptyList(), store.events)
    }

    @Test
    fun `times out of bounds are errors and nothing is counted`() {
        val calls = listOf(
            { store.recordAt("x", Instant.MAX) },
            { store.recordAt("x", Instant.MIN) },
            { store.recordAt("x", NOON.plusSeconds(61)) },
            { store.recordAgo("x", (-1).days) },
            { store.recordAgo("x", (-60_001).milliseconds) },
            { store.recordAgo("x", Duration.INFINITE) },
            { store.recordAgo("x", -Duration.INFINITE) },
            { store.recordAgo("x", 4_000_000.days) }
        )
        for (call in calls) assertFailsWith<EventStoreException.InvalidArgument> { call() }
        assertEquals(emptyList(), store.events)
    }

    @Test
    fun `every string of up to 1024 bytes is a name`() {
        for (name in listOf("", "..", "später 🚀", "a".repeat(1024))) {
            store.record(name)
            assertEquals(1, store.today(name))
        }
        val long = "ü".repeat(513)
        assertFailsWith<EventStoreException.InvalidArgument> { store.event(long) }
        assertFailsWith<EventStoreException.InvalidArgument> { store.recordAt(long, NOON) }
        store.record(long)
        assertEquals(4, store.events.size)
    }

    @Test
    fun `no recording of many threads is lost`() {
        val launch = store.event("launch")
        val threads = List(8) { Thread { repeat(500) { launch.record() } } }
        threads.forEach(Thread::start)
        threads.forEach(Thread::join)
        assertEquals(4_000, store.today("launch"))
    }
}
