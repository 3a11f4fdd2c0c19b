package dev.tinycounter

import java.io.File
import java.net.URLClassLoader
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotSame
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import org.junit.jupiter.api.io.TempDir

/** What passes numbers only: names, questions and limits that were used before. */
class ByNumberTest {
    @TempDir
    lateinit var directory: File

    private val clock = TestClock(NOON)
    private val store = memory(clock)

    @Test
    fun `a name has the same handle as long as it is used`() {
        val tap = store.event("tap")
        assertSame(tap, store.event("tap"))
        repeat(5_000) { store.record("other $it") }
        assertSame(tap, store.event("tap"))
        assertNotSame(tap, store.event("tap "))
        assertNotSame(tap, memory().event("tap"))
    }

    @Test
    fun `more names than are kept are all counted`() {
        repeat(3) { repeat(3_000) { store.record("e$it") } }
        assertEquals(List(3_000) { 3L }, List(3_000) { store.query("e$it").lifetime() })
    }

    @Test
    fun `names that look the same are counted apart`() {
        val (one, other) = listOf("caf\u00e9", "cafe\u0301")
        repeat(2) { store.record(one) }
        store.record(other)
        assertEquals(listOf(2L, 1L), listOf(one, other).map { store.today(it) })
        assertEquals(listOf(2L, 1L), listOf(one, other).map { store.today(it) })
    }

    @Test
    fun `handles that are not used any more are forgotten`() {
        val tap = store.event("tap")
        repeat(100_000) { store.event("e$it").record(0) }
        // The names that were used last are kept.
        val most = 2_000
        var rounds = 0
        while (store.handlesInUse > most && rounds++ < 1_000) System.gc()
        assertTrue(store.handlesInUse <= most, "${store.handlesInUse}")
        tap.record()
        assertEquals(1, store.today("tap"))
        assertSame(tap, store.event("tap"))
    }

    @Test
    fun `a question that was asked before is asked anew`() {
        repeat(3) {
            store.record("launch", 2)
            assertEquals(2L * (it + 1), store.query("launch").lastDays(7).sum())
            assertEquals(2.0 * (it + 1) / 7, store.query("launch").lastDays(7).average())
        }
        clock.advance(1.days)
        assertEquals(listOf(0L, 6L), listOf(1, 2).map { store.query("launch").lastDays(it).sum() })
        assertEquals(1, store.query("launch").lastDays(2).newest())
        assertEquals(24.hours, store.query("launch").lastSeen())
        store.erase("launch")
        assertNull(store.query("launch").lastDays(7).sum())
        assertNull(store.query("launch").lastDays(7).average())
        assertNull(store.query("launch").lastSeen())
    }

    @Test
    fun `questions that differ in one thing are not mixed up`() {
        store.record("a", 3)
        store.recordAgo("a", 1.days, 4)
        store.record("b", 10)
        repeat(2) {
            assertEquals(3, store.query("a").lastDays(1).sum())
            assertEquals(7, store.query("a").lastDays(2).sum())
            assertEquals(4, store.query("a").range(TimeUnit.DAYS, 1..1).sum())
            assertEquals(3, store.query("a").lastHours(24).sum())
            assertEquals(17, store.query("a", "b").lastDays(2).sum())
            assertEquals(2, store.query("a").lastDays(2).countNonzero())
            assertEquals(3.5, store.query("a").lastDays(2).average())
            assertEquals(listOf(3L, 4L), store.query("a").lastDays(2).buckets())
            assertEquals(7, store.query("a").lifetime())
            assertEquals(0.3, store.ratio("a", "b").lastDays(1))
            assertEquals(-7, store.delta("a", "b").lastDays(1).sum())
            assertEquals(-1.0, store.delta("a", "b").lastDays(7).average() * 7 / 3)
        }
    }

    @Test
    fun `more questions than are kept are all answered`() {
        store.record("a", 5)
        repeat(2) { repeat(1_000) { days -> assertEquals(5, store.query("a").range(TimeUnit.DAYS, 0..days).sum()) } }
    }

    @Test
    fun `a question about a name that is too long has an answer`() {
        val long = "ü".repeat(513)
        store.record(long)
        assertNull(store.query(long).lastDays(1).sum())
        assertNull(store.query(long).lastSeen())
        assertEquals(emptyList(), store.query(long).lastDays(1).buckets())
    }

    @Test
    fun `a limit that is written where it is needed is one limit`() {
        fun limit(most: Int) = store.limit("x") {
            atMost(most, 1.hours)
            alsoRecord("any")
        }
        assertTrue(limit(2).checkAndRecord().isAllowed)
        assertFalse(limit(1).isAllowed())
        assertTrue(limit(2).checkAndRecord().isAllowed)
        assertEquals(1.hours, (limit(2).checkAndRecord() as Decision.Refused).retryAfter)
        assertEquals(1.hours, (limit(2).check() as Decision.Refused).retryAfter)
        assertTrue(limit(3).check().isAllowed)
        clock.advance(61.minutes)
        assertTrue(limit(2).isAllowed())
        assertEquals(listOf(2L, 2L), listOf("x", "any").map { store.query(it).lifetime() })
        repeat(1_000) { assertEquals(it > 0, limit(it).isAllowed()) }
    }

    @Test
    fun `a limit is not mixed up with one whose list changed`() {
        val rules = mutableListOf<Rule>(Rule.AtMost("x", 1, 1.hours))
        val limit = Limit(Rule.AnyOf(rules))
        assertTrue(store.limit("x", limit).checkAndRecord().isAllowed)
        rules[0] = Rule.AtMost("x", 2, 1.hours)
        assertTrue(store.limit("x", limit).isAllowed())
        assertFalse(store.limit("x", Limit(Rule.AnyOf(Rule.AtMost("x", 1, 1.hours)))).isAllowed())
    }

    @Test
    fun `a refusal has the rules as they were when the limit was made`() {
        val rules = mutableListOf<Rule>(Rule.AtMost("x", 0, 1.hours), Rule.AtMost("y", 0, 1.hours))
        val limit = store.limit("x", Limit(Rule.AnyOf(rules)))
        rules.removeLast()
        rules[0] = Rule.AtMost("z", 0, 1.hours)
        val group = (limit.check() as Decision.Refused).refusals.single()
        assertEquals(listOf(Rule.AtMost("x", 0, 1.hours), Rule.AtMost("y", 0, 1.hours)), group.branches.map { it.rule })
    }

    @Test
    fun `what was used before says that the store is closed`() {
        val tap = store.event("tap")
        val average = store.prepareQuestion { event("tap").lastDays(1).average() }
        val limit = store.limit("tap") { atMost(5, 1.days) }
        val calls = listOf(
            { store.query("tap").lastDays(1).sum() },
            { store.query("tap").lastSeen() },
            { store.query("tap").lastDays(1).average() },
            { store.query("tap").lastDays(1).buckets() },
            { average.ask() },
            { limit.check() },
            { limit.checkAndRecord() }
        )
        tap.record()
        store.record("tap")
        for (call in calls) call()
        assertTrue(limit.isAllowed())
        store.close()
        tap.record()
        store.record("tap")
        for (call in calls) assertFailsWith<EventStoreException.Closed> { call() }
        assertFalse(limit.isAllowed())
        assertFailsWith<EventStoreException.InvalidArgument> { tap.record(-1) }
    }

    @Test
    fun `an event that cannot be written is counted once`() {
        val store = open(directory, clock)
        val limit = store.limit("x") { atMost(2, 1.days) }
        assertTrue(limit.checkAndRecord().isAllowed)
        store.persist()
        // As another process would do that has the store open.
        File(directory, "events.log").appendBytes(ByteArray(100))
        val error = assertFailsWith<EventStoreException.NotWritten> { limit.checkAndRecord() }
        assertTrue(error.message.orEmpty().startsWith("the decision counts, but it was not written"), error.message)
        assertEquals(2, store.today("x"))
        assertFalse(limit.checkAndRecord().isAllowed)
        assertFailsWith<EventStoreException.Unavailable> { store.close() }
    }

    @Test
    fun `a library of another version is noticed`() {
        Library.check(Direct.`interface`())
        val error = assertFailsWith<EventStoreException.NativeLibrary> { Library.check(Direct.`interface`() + 1) }
        assertTrue("same version" in error.message.orEmpty(), error.message)
    }

    @Test
    fun `a second class loader counts too`() {
        val classes = System.getProperty("java.class.path").split(File.pathSeparator).map { File(it).toURI().toURL() }
        URLClassLoader(classes.toTypedArray(), ClassLoader.getPlatformClassLoader()).use { loader ->
            val counted = loader.loadClass(CountsAlone::class.java.name).getMethod("count").invoke(null)
            assertEquals("[3, 3, 1.5, true, false]", counted.toString())
        }
        store.record("x")
        assertEquals(1, store.today("x"))
    }
}

/** Loaded by a second class loader. */
object CountsAlone {
    @JvmStatic
    fun count(): List<Any?> = memory().use { store ->
        val limit = store.limit("x") { atMost(3, 1.days) }
        store.record("x", 2)
        val before = limit.isAllowed()
        limit.checkAndRecord()
        listOf(store.today("x"), store.query("x").lifetime(), store.query("x").lastDays(2).average(), before, limit.isAllowed())
    }
}
