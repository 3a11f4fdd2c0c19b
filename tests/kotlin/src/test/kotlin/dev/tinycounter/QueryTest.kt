package dev.tinycounter

import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

class QueryTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    /** `a` on four days: 1, 0, 2 and today 4; `b` yesterday: 3. */
    private fun fourDays() {
        store.record("a", 1)
        clock.advance(2.days)
        store.record("a", 2)
        store.record("b", 3)
        clock.advance(1.days)
        store.record("a", 4)
    }

    @Test
    fun `a range has every measure`() {
        fourDays()
        val range = store.query("a").lastDays(7)
        assertEquals(7, range.sum())
        assertEquals(1.0, range.average())
        assertEquals(7.0 / 3, range.averageNonzero())
        assertEquals(3, range.countNonzero())
        assertEquals(0, range.newest())
        assertEquals(3, range.oldest())
        assertEquals(listOf(4L, 2, 0, 1, 0, 0, 0), range.buckets())
    }

    @Test
    fun `bounds say whether every count of a range is known`() {
        val short = memory(clock, tracking = mapOf(TimeUnit.DAYS to 3))
        short.record("a")
        clock.advance(30.days)
        short.record("a", 2)
        val (days, month) = listOf(3, 40).map { short.query("a").lastDays(it) }
        assertEquals(2L..2L, days.bounds())
        assertTrue(days.isComplete())
        assertEquals(2L, month.sum(), "the sum reaches less far than asked")
        assertEquals(3L..3L, month.bounds())
        assertFalse(month.isComplete())
        assertNull(short.query("never").lastDays(3).bounds())
        assertFalse(short.query("never").lastDays(3).isComplete())
        var answers: List<Answer<*>> = emptyList()
        short.query {
            val a = event("a")
            answers = listOf(a.lastDays(3).bounds(), a.lastDays(40).isComplete(), a.lastDate(), a.firstDate())
        }
        assertEquals(listOf(2L..2L, false, clock.now, NOON), answers.map { it.value })
    }

    @Test
    fun `every kind of range`() {
        fourDays()
        val a = store.query("a")
        assertEquals(4, a.lastMinutes(1).sum())
        assertEquals(6, a.lastHours(25).sum())
        assertEquals(7, a.lastWeeks(1).sum())
        assertEquals(7, a.lastMonths(1).sum())
        assertEquals(7, a.lastYears(1).sum())
        assertEquals(7, a.ever().sum())
        assertNull(a.lastSeconds(5).sum())
        assertEquals(2, a.range(TimeUnit.DAYS, 1..2).sum())
        assertEquals(0, a.range(TimeUnit.DAYS, IntRange.EMPTY).sum())
        assertEquals(4, a.rolling(3.hours).sum())
        assertEquals(6, a.rolling(30.hours).sum())
        assertEquals(0, a.lastDays(0).sum())
    }

    @Test
    fun `the time since an event is exact to the millisecond`() {
        store.record("a")
        clock.advance(90.minutes + 1.milliseconds)
        store.record("a")
        clock.advance(7.milliseconds)
        assertEquals(7.milliseconds, store.query("a").lastSeen())
        assertEquals(clock.now.minusMillis(7), store.query("a").lastDate())
        assertEquals(NOON, store.query("a", "never").firstDate())
        assertNull(store.query("never").lastDate())
        assertEquals(90.minutes + 8.milliseconds, store.query("a").firstSeen())
        assertEquals(2, store.query("a").lifetime())
        assertNull(store.query("never").lastSeen())
    }

    @Test
    fun `sums of several events, ratios and differences`() {
        fourDays()
        assertEquals(10, store.query("a", "b", "unknown").lastDays(7).sum())
        assertEquals(3.0 / 7, store.ratio("b", "a").lastDays(7))
        assertNull(store.ratio("a", "unknown").lastDays(7))
        assertEquals(-4, store.delta("b", "a").lastDays(7).sum())
        assertEquals(-4.0 / 7, store.delta("b", "a").lastDays(7).average())
    }

    @Test
    fun `balancing makes two counts equal`() {
        store.record("credits", 100)
        store.record("debits", 30)
        store.balance("credits", "debits")
        assertEquals(0, store.delta("credits", "debits").ever().sum())
        assertEquals(100, store.today("debits"))
    }

    @Test
    fun `a batch answers all its questions`() {
        fourDays()
        val stats = store.query {
            object {
                val week by event("a").lastDays(7).sum()
                val days by event("a", "b").lastDays(7).countNonzero()
                val buckets by event("b").lastDays(2).buckets()
                val rate by ratio("b", "a").ever()
                val difference by delta("a", "b").ever().sum()
                val last by event("b").lastSeen()
                val unknown by event("unknown").lifetime()
            }
        }
        assertEquals(7, stats.week)
        assertEquals(3, stats.days)
        assertEquals(listOf(0L, 3), stats.buckets)
        assertEquals(3.0 / 7, stats.rate)
        assertEquals(4, stats.difference)
        assertEquals(1.days, stats.last)
        assertNull(stats.unknown)
    }

    @Test
    fun `an answer is not available inside the batch`() {
        assertFailsWith<EventStoreException.InvalidArgument> { store.query { event("a").ever().sum().value } }
        assertEquals(null, store.query { event("a").ever().sum() }.value)
    }

    @Test
    fun `a prepared question is asked again and again`() {
        val week = store.prepareQuestion { event("a", "b").lastDays(7).sum() }
        val seen = store.prepareQuestion { event("a").lastSeen() }
        val rate = store.prepareQuestion { ratio("b", "a").ever() }
        val difference = store.prepareQuestion { delta("a", "b").ever().sum() }
        val buckets = store.prepareQuestion { event("a").lastDays(2).buckets() }
        assertEquals(listOf<Any?>(null, null, null, 0L, emptyList<Long>()), listOf(week, seen, rate, difference, buckets).map { it.ask() })
        fourDays()
        val weeks: Long? = week.ask()
        assertEquals(10, weeks)
        assertEquals(listOf<Any?>(Duration.ZERO, 3.0 / 7, 4L, listOf(4L, 2L)), listOf(seen, rate, difference, buckets).map { it.ask() })
        clock.advance(1.days)
        assertEquals(listOf(0L, 4), buckets.ask())
        val answers = ConcurrentLinkedQueue<Long?>()
        List(4) { Thread { repeat(25) { answers += week.ask() } } }.onEach(Thread::start).forEach(Thread::join)
        assertEquals(List(100) { 10L }, answers.toList(), "from any thread")

        assertFailsWith<EventStoreException.InvalidArgument> { store.prepareQuestion { event("a").lastDays(-1).sum() } }
        assertFailsWith<EventStoreException.InvalidArgument> { store.prepareQuestion { event("é".repeat(513)).lifetime() } }
        store.close()
        assertFailsWith<EventStoreException.Closed> { week.ask() }
    }

    @Test
    fun `negative numbers are errors`() {
        store.record("a")
        val query = store.query("a")
        val calls = listOf(
            { query.lastDays(-1).sum() },
            { query.range(TimeUnit.DAYS, -3..1).sum() },
            { query.rolling((-1).days).sum() },
            { store.ratio("a", "a").lastDays(Int.MIN_VALUE) }
        )
        for (call in calls) assertFailsWith<EventStoreException.InvalidArgument> { call() }
        assertFailsWith<EventStoreException.InvalidArgument> { store.query { event("a").lastDays(-1).sum() } }
    }

    @Test
    fun `huge ranges end where the tracking ends`() {
        store.record("a")
        assertEquals(1, store.query("a").lastDays(Int.MAX_VALUE).sum())
        assertEquals(56, store.query("a").lastDays(Int.MAX_VALUE).buckets().size)
        assertNull(store.query("a").rolling(100_000.days).sum())
    }
}
