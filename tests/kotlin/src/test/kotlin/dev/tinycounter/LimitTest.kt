package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.minutes

class LimitTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    @Test
    fun `the limit of the example allows and refuses`() {
        val prompt = store.limit("review_prompt") {
            atMost(1, 7.days)
            atLeast("app_launch", 3, 28.days)
            cooldown("crash", 2.days)
        }
        store.record("crash")
        val refused = assertIs<Decision.Refused>(prompt.checkAndRecord())
        assertEquals(
            listOf(
                Rule.AtLeast("app_launch", 3, RollingWindow(28.days)) to 0L,
                Rule.Cooldown("crash", 2.days) to null
            ),
            refused.refusals.map { it.rule to it.count }
        )
        assertEquals(listOf(null, 2.days), refused.refusals.map { it.retryAfter })
        assertNull(refused.retryAfter, "waiting does not launch the app")
        assertContains(refused.toString(), "at least 3 in the last 28 days")

        store.record("app_launch", 3)
        assertEquals(2.days, assertIs<Decision.Refused>(prompt.check()).retryAfter)
        clock.advance(2.days - 1.milliseconds)
        assertFalse(prompt.isAllowed())
        clock.advance(1.milliseconds)
        assertEquals(Decision.Allowed, prompt.checkAndRecord())
        assertEquals(7.days, assertIs<Decision.Refused>(prompt.checkAndRecord()).retryAfter)
        assertEquals(1, store.query("review_prompt").lifetime())
    }

    @Test
    fun `calendar windows end with the current unit`() {
        val daily = store.limit("tip") { atMost(2, TimeUnit.DAYS) }
        assertTrue(daily.checkAndRecord().isAllowed)
        assertTrue(daily.checkAndRecord().isAllowed)
        assertEquals(12.hours, assertIs<Decision.Refused>(daily.check()).retryAfter)
        clock.advance(12.hours)
        assertTrue(daily.isAllowed())

        val weekly = store.limit("tip") { atMost(2, CalendarWindow(2, TimeUnit.WEEKS)) }
        assertFalse(weekly.isAllowed())
        assertFalse(store.limit("tip") { atMost(2, TimeUnit.EVER) }.isAllowed())
        assertTrue(store.limit("tip") { atLeast("tip", 2, TimeUnit.EVER) }.isAllowed())
    }

    @Test
    fun `schedules use the store's zone and may run over midnight`() {
        val office = store.limit("x") { during(Schedule.Hours(9, 17)) }
        val quiet = store.limit("x") { outsideOf(Schedule.Hours(22, 6)) }
        assertTrue(office.isAllowed())
        assertTrue(quiet.isAllowed())
        clock.advance(11.hours)
        assertEquals(10.hours, assertIs<Decision.Refused>(office.check()).retryAfter)
        assertEquals(7.hours, assertIs<Decision.Refused>(quiet.check()).retryAfter)
        assertTrue(store.limit("x") { during(Schedule.Weekdays(local = false)) }.isAllowed())
        assertFalse(store.limit("x") { during(Schedule.Weekends()) }.isAllowed())
    }

    @Test
    fun `within passes only soon after the event`() {
        val offer = store.limit("offer") { within("purchase", 1.hours) }
        assertFalse(offer.isAllowed())
        store.record("purchase")
        assertTrue(offer.isAllowed())
        clock.advance(61.minutes)
        assertFalse(offer.isAllowed())
    }

    @Test
    fun `a reservation counts until it is committed or cancelled`() {
        val limit = store.limit("upload") { atMost(1, 1.days) }
        val reservation = assertIs<Reservation>(limit.reserve())
        assertEquals(1, assertIs<Decision.Refused>(limit.reserve()).refusals.single().count)
        assertEquals(LimitUsage(1, 1, 0), limit.usage())
        reservation.cancel()
        assertTrue(limit.isAllowed())
        assertEquals(0, store.today("upload"))

        assertIs<Reservation>(limit.reserve()).use { it.commit() }
        assertEquals(1, store.today("upload"))
        assertFalse(limit.isAllowed())
    }

    @Test
    fun `a reservation is committed once`() {
        val limit = store.limit("upload") { atMost(1, 1.days) }
        assertIs<Reservation>(limit.reserve()).use { }
        val reservation = assertIs<Reservation>(limit.reserve())
        reservation.commit()
        assertFailsWith<EventStoreException.InvalidArgument> { reservation.commit() }
        reservation.cancel()
        assertEquals(1, store.today("upload"))
    }

    @Test
    fun `a reservation without references is cancelled by the garbage collector`() {
        val limit = store.limit("upload") { atMost(1, 1.days) }
        limit.reserve()
        for (attempt in 1..100) {
            System.gc()
            if (limit.isAllowed()) break
            Thread.sleep(20)
        }
        assertTrue(limit.isAllowed())
    }

    @Test
    fun `usage returns what remains`() {
        val limit = store.limit("call") {
            atMost(10, 1.hours)
            atMost(12, TimeUnit.DAYS)
        }
        assertNull(limit.usage())
        store.record("call", 4)
        assertEquals(LimitUsage(count = 4, limit = 10, remaining = 6), limit.usage())
        for (event in listOf("call", "never recorded")) {
            val limit = store.limit(event) {
                cooldown(1.hours)
                atMost("other", 10, 1.hours)
            }
            assertFailsWith<EventStoreException.InvalidArgument>(event) { limit.usage() }
        }
    }

    @Test
    fun `durations are rounded to the nearest millisecond`() {
        store.record("x")
        val quiet = { length: Duration -> store.limit("x") { cooldown(length) } }
        assertEquals(1.milliseconds, assertIs<Decision.Refused>(quiet(500.microseconds).check()).retryAfter)
        assertEquals(2.milliseconds, assertIs<Decision.Refused>(quiet(1_500.microseconds).check()).retryAfter)
        assertEquals(1.milliseconds, assertIs<Decision.Refused>(quiet(1.nanoseconds).check()).retryAfter, "not zero")
        assertFailsWith<EventStoreException.InvalidArgument> { quiet((-1).nanoseconds) }
        val reserved = assertIs<StoredReservation>(store.limit("y") { atMost(1, 1_999.microseconds) }.reserveFor(1_999.microseconds))
        assertEquals(2.milliseconds, reserved.expiresIn)
        clock.advance((-500).microseconds)
        assertEquals(NOON.minusMillis(1), clock.now)
    }

    @Test
    fun `numbers out of bounds are errors`() {
        val rules = listOf(
            Rule.AtMost("x", -1, TimeUnit.DAYS),
            Rule.AtMost("x", 1, RollingWindow(Duration.ZERO)),
            Rule.AtMost("x", 1, RollingWindow(Duration.INFINITE)),
            Rule.AtMost("x", 1, CalendarWindow(0, TimeUnit.DAYS)),
            Rule.AtLeast("x", Long.MIN_VALUE, TimeUnit.DAYS),
            Rule.AtLeast("x", 2, RollingWindow((-1).nanoseconds)),
            Rule.Cooldown("x", (-1).hours),
            Rule.Cooldown("x", (-1).nanoseconds),
            Rule.Cooldown("x", Duration.ZERO),
            Rule.Within("x", Duration.ZERO),
            Rule.Within("x", -Duration.INFINITE),
            Rule.During(Schedule.Hours(-1, 5)),
            Rule.During(Schedule.Hours(9, 9)),
            Rule.OutsideOf(Schedule.Hours(9, 300))
        )
        for (rule in rules) {
            assertFailsWith<EventStoreException.InvalidArgument>(rule.toString()) { store.limit("x", Limit(rule)) }
        }
    }

    @Test
    fun `the error for a window that is not tracked names the unit to track`() {
        val error = assertFailsWith<EventStoreException.InvalidArgument> {
            store.limit("x") { atMost(5, CalendarWindow(3, TimeUnit.SECONDS)) }
        }
        assertContains(error.message.orEmpty(), "track at least 3 seconds")
    }

    @Test
    fun `a limit of a closed store is closed`() {
        val used = store.limit("x") { atMost(1, 1.days) }
        assertTrue(used.isAllowed())
        val unused = store.limit("x") { atMost(1, 1.days) }
        store.close()
        for (limit in listOf(used, unused)) {
            assertFailsWith<EventStoreException.Closed> { limit.check() }
            assertFailsWith<EventStoreException.Closed> { limit.reserveFor(1.hours) }
            assertFalse(limit.isAllowed())
        }
    }

    @Test
    fun `a limit does not change with the list that it was made of`() {
        val rules = mutableListOf<Rule>(Rule.AtMost("x", 1, TimeUnit.DAYS))
        val also = mutableListOf("y")
        val limit = store.limit("x", Limit(rules, also))
        rules.clear()
        also.clear()
        assertTrue(limit.checkAndRecord().isAllowed)
        assertEquals(limit.limit.rules.single(), assertIs<Decision.Refused>(limit.check()).refusals.single().rule)
        assertEquals(1, store.today("y"))
    }

    @Test
    fun `many threads do not exceed a limit`() {
        val limit = store.limit("x") { atMost(3, 1.days) }
        val allowed = java.util.concurrent.atomic.AtomicInteger()
        val threads = List(8) { Thread { repeat(10) { if (limit.checkAndRecord().isAllowed) allowed.incrementAndGet() } } }
        threads.forEach(Thread::start)
        threads.forEach(Thread::join)
        assertEquals(3, allowed.get())
    }
}
