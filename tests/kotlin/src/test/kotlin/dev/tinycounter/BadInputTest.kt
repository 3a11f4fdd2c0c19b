package dev.tinycounter

import java.io.File
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneOffset
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.nanoseconds
import org.junit.jupiter.api.io.TempDir

/** Whatever an app passes: the answer is the documented one, or an [EventStoreException]. */
class BadInputTest {
    @TempDir
    private lateinit var directory: File

    private val clock = TestClock(NOON)
    private val store = memory(clock)

    /** The two halves of one character, the first, the second, and both in the wrong order. */
    private val surrogates = listOf("\uD83D", "\uDE00", "\uDE00\uD83D", "text cut in the middle \uD83D")

    @Test
    fun `an unpaired surrogate is read as the replacement character by every function`() {
        for (name in surrogates) {
            val store = memory(clock)
            val read = name.replace('\uD83D', '\uFFFD').replace('\uDE00', '\uFFFD')
            store.record(name)
            store.event(name).record()
            store.recordNow(name)
            store.recordAt(name, NOON)
            store.recordAgo(name, 1.hours)
            assertEquals(listOf(read), store.events)
            assertEquals(listOf(5L, 5L), listOf(name, read).map { store.query(it).lifetime() })
            assertEquals(5, store.query(name, "other").lastDays(1).sum())
            assertEquals(1.0, store.ratio(name, read).lastDays(1))
            assertEquals(0, store.delta(name, read).lastDays(1).sum())
            assertEquals(5, store.prepareQuestion { event(name).lifetime() }.ask())
            val limit = store.limit(name) {
                atMost(6, 1.days)
                alsoRecord("also $name")
            }
            assertTrue(limit.isAllowed() && limit.checkAndRecord().isAllowed)
            assertFalse(limit.isAllowed())
            assertEquals(1, store.query("also $read").lifetime())
            assertIs<Decision.Refused>(limit.reserve())
            assertTrue(read in limit.explain().text)
            assertEquals(limit.limit.toJson(), Limit.fromJson(limit.limit.toJson()).toJson())
            assertEquals(6, store.dailyHistory(name).single().count)
            assertTrue(store.appVersion(name))
            assertFalse(store.appVersion(read))
            assertFailsWith<EventStoreException.InvalidArgument> { store.forgetReplicas(listOf(name)) }
            assertFailsWith<EventStoreException.InvalidRules> { Limit.fromJson(name) }
            assertFailsWith<EventStoreException.InvalidArgument> { store.query("x").since(name).sum() }
            assertTrue(store.erase(name))
            assertNull(store.query(read).lifetime())
        }
    }

    @Test
    fun `a store can lie in a directory and have a marker whose names have an unpaired surrogate`() {
        surrogates.forEachIndexed { number, name ->
            val directory = File(directory, "$number $name")
            EventStore.open(directory, clock = clock, timeZone = UTC, markers = listOf(name)).use { store ->
                store.record(name)
                store.record("x")
                assertEquals(1, store.query("x").since(name).sum())
            }
            EventStore.open(directory, clock = clock, timeZone = UTC, markers = listOf(name)).use { store ->
                assertEquals(1, store.query(name).lifetime())
            }
        }
    }

    @Test
    fun `a name may have any character`() {
        val names = listOf("\u0000", "a\u0000b", "\n\r\t", "\uFEFF", "../..", "/", "~names", "%00", "\u200F\u202E", "")
        open(directory, clock).use { store ->
            for (name in names) {
                store.record(name)
                assertTrue(store.limit(name) { atMost(2, 1.days) }.checkAndRecord().isAllowed)
            }
        }
        open(directory, clock).use { store ->
            for (name in names) assertEquals(2, store.query(name).lifetime(), name)
            assertEquals(names.toSet(), store.events.toSet())
        }
    }

    @Test
    fun `names that look alike and differ in bytes are different events`() {
        val names = listOf("caf\u00E9", "cafe\u0301")
        repeat(2) { store.record(names[0]) }
        store.record(names[1])
        assertEquals(listOf(2L, 1L), names.map { store.query(it).lifetime() })
        assertEquals(3, store.query(names[0], names[1]).lifetime())
        assertEquals(setOf(names[0], names[1]), store.events.toSet())
        val limits = names.map { name -> store.limit(name) { atMost(2, 1.days) } }
        assertEquals(listOf(false, true), limits.map { it.isAllowed() })
        assertTrue(store.erase(names[0]))
        assertEquals(listOf(null, 1L), names.map { store.query(it).lifetime() })
    }

    @Test
    fun `a name that is too long is an error of each function that can fail`() {
        for (name in listOf("x".repeat(1_025), "\uD83D".repeat(342), "x".repeat(10_000_000))) {
            val calls = listOf(
                { store.recordAt(name, NOON) },
                { store.recordNow(name) },
                { store.event(name) },
                { store.balance(name, "x") },
                { store.limit(name) { } },
                { store.limit("x") { alsoRecord(name) } },
                { store.prepareQuestion { event(name).lifetime() } },
                { store.dailyHistory(name) },
                { store.erase(name) },
                { store.eraseEvents(listOf("x", name)) },
                { store.appVersion(name) },
                { EventStore.inMemory(markers = listOf(name)) }
            )
            calls.forEachIndexed { number, call ->
                assertFailsWith<EventStoreException.InvalidArgument>("${name.length}: $number") { call() }
            }
            store.record(name)
            store.recordAgo(name, 1.hours)
            assertNull(store.query(name).lifetime())
        }
        assertEquals(emptyList(), store.events)
    }

    @Test
    fun `numbers out of bounds are errors and numbers in bounds have an answer`() {
        store.record("x", Int.MAX_VALUE)
        store.record("x", Int.MAX_VALUE)
        assertEquals(2L * Int.MAX_VALUE, store.query("x").lifetime())
        assertEquals(2L * Int.MAX_VALUE, store.today("x"))
        assertEquals(56, store.query("x").lastDays(Int.MAX_VALUE).buckets().size)
        assertEquals(0, store.query("x").range(TimeUnit.DAYS, Int.MAX_VALUE - 1..<Int.MAX_VALUE).sum())
        assertNull(store.query("x").rolling(3_652_500.days).sum(), "no unit reaches back so far")
        assertNotNull(store.limit("x") { cooldown(3_652_500.days) }.check())
        val calls = listOf(
            { store.recordNow("x", -1) },
            { store.query("x").lastDays(-1).sum() },
            { store.query("x").lastDays(Int.MIN_VALUE).sum() },
            { store.query("x").range(TimeUnit.DAYS, -1..1).sum() },
            { store.query("x").rolling((-1).nanoseconds).sum() },
            { store.query("x").rolling(-Duration.INFINITE).sum() },
            { store.query("x").rolling(Duration.INFINITE).sum() },
            { store.limit("x") { atMost(-1, 1.days) } },
            { store.limit("x") { cooldown((-1).nanoseconds) } },
            { store.limit("x") { within("x", Duration.INFINITE) } },
            { store.limit("x") { repeat(65) { atMost(1, 1.days) } } },
            { store.limit("x") { atMost(2, 5_000.days) } },
            { EventStore.inMemory(tracking = mapOf(TimeUnit.DAYS to 0)) },
            { EventStore.inMemory(tracking = mapOf(TimeUnit.DAYS to Int.MAX_VALUE)) },
            { EventStore.inMemory(tracking = mapOf(TimeUnit.EVER to 1)) },
            { clock.advance(Duration.INFINITE) },
            { store.exportParts(Int.MIN_VALUE) }
        )
        calls.forEachIndexed { number, call -> assertFailsWith<EventStoreException.InvalidArgument>("$number") { call() } }
    }

    @Test
    fun `a path that is empty or has a NUL character is an error and creates nothing`() {
        val before = File(".").list()?.toSet()
        for (path in listOf("", "a\u0000b")) {
            assertFailsWith<EventStoreException.InvalidArgument> { EventStore.open(File(path)) }
            assertFailsWith<EventStoreException.InvalidArgument> {
                EventStore.open(File(directory, "counts"), identity = File(path))
            }
        }
        assertEquals(before, File(".").list()?.toSet())
        val file = File(directory, "file").apply { writeText("text") }
        assertFailsWith<EventStoreException> { EventStore.open(file) }
        assertFailsWith<EventStoreException> { EventStore.open(File(file, "below")) }
        assertFailsWith<EventStoreException> { EventStore.open(File(directory, "x".repeat(5_000))) }
        assertEquals("text", file.readText())
    }

    @Test
    fun `dates at the ends of time are errors or have an answer`() {
        for (at in listOf(Instant.MIN, Instant.MAX, Instant.parse("-0001-01-01T00:00:00Z"), Instant.parse("+10000-01-01T00:00:00Z"))) {
            assertFailsWith<EventStoreException.InvalidArgument>("$at") { TestClock(at) }
            assertFailsWith<EventStoreException.InvalidArgument>("$at") { clock.now = at }
            assertFailsWith<EventStoreException.InvalidArgument>("$at") { store.recordAt("x", at) }
        }
        for (date in listOf(LocalDate.MIN, LocalDate.MAX)) {
            assertFailsWith<EventStoreException.InvalidArgument> { store.limit("x") { during(Schedule.Dates(date, date)) } }
        }
        for (at in listOf("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z")) {
            val distant = TestClock(Instant.parse(at))
            for (zone in listOf(UTC, ZoneOffset.MAX, ZoneOffset.MIN)) {
                memory(distant, zone).use { store ->
                    store.record("x")
                    distant.advance((-1).hours)
                    store.record("x")
                    distant.advance(1.hours)
                    assertEquals(2, store.query("x").lifetime(), at)
                    assertNotNull(store.limit("x") { atMost(1, 1.days) }.check())
                    assertNotNull(store.health)
                }
            }
        }
    }

    @Test
    fun `bytes of others are errors`() {
        for (bytes in listOf(byteArrayOf(), ByteArray(1), ByteArray(1_000) { -1 }, ByteArray(33 shl 20))) {
            assertFailsWith<EventStoreException.Corrupt> { store.merge(bytes) }
            assertFailsWith<EventStoreException.Corrupt> { store.export(since = bytes) }
            assertFailsWith<EventStoreException.Corrupt> { store.exportParts(1_000, since = bytes) }
        }
    }

    @Test
    fun `a text of an error has no call of another language and no kind of error twice`() {
        val calls = listOf(
            { store.persist() },
            { store.record("x", -1) },
            { store.limit("x") { cooldown(Duration.ZERO) } },
            { store.limit("x") { }.usage() },
            { store.limit("x") { alsoRecord("x") } },
            { store.commitReservation(7) },
            { store.forgetReplicas(listOf("x")) },
            { store.merge(byteArrayOf()) },
            { store.query("x").since("y").sum() },
            { EventStore.open(File("")) },
            { EventStore.inMemory(tracking = mapOf(TimeUnit.EVER to 1)) },
            { Limit.fromJson("{") }
        )
        for (call in calls) {
            val error = assertFailsWith<EventStoreException> { call() }
            val text = error.message.orEmpty()
            assertFalse(Regex("[_`(]|::|reason=").containsMatchIn(text), text)
            assertFalse(error.javaClass.simpleName in text, text)
            assertNull(error.cause, "a cause with the same text")
        }
        assertEquals(
            "the duration must be greater than zero",
            assertFailsWith<EventStoreException> { store.limit("x") { cooldown((-1).nanoseconds) } }.message
        )
    }
}
