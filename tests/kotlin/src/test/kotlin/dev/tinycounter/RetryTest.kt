package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

/** When the whole limit passes. */
class RetryTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    @Test
    fun `a limit passes when all of its rules pass together`() {
        clock.advance(1.hours)
        val tip = store.limit("tip") {
            atMost(1, 10.hours)
            during(Schedule.Hours(8, 22))
        }
        assertTrue(tip.checkAndRecord().isAllowed)
        clock.advance(7.hours)
        // It is 20:00. The first rule passes at 23:00, when the schedule refuses until 8:00.
        val refused = assertIs<Decision.Refused>(tip.check())
        assertEquals(listOf(3.hours), refused.refusals.map { it.retryAfter })
        assertEquals(12.hours, refused.retryAfter)
        assertEquals(NOON.plusSeconds(20 * 3_600), refused.retryAt)
        clock.advance(12.hours - 1.milliseconds)
        assertFalse(tip.isAllowed())
        clock.now = refused.retryAt!!
        assertTrue(tip.isAllowed())
    }

    @Test
    fun `rules that never pass together have no wait`() {
        val offer = store.limit("offer") {
            cooldown("crash", 30.hours)
            within("purchase", 24.hours)
        }
        store.record("crash")
        store.record("purchase")
        clock.advance(1.hours)
        val refused = assertIs<Decision.Refused>(offer.check())
        assertEquals(listOf(29.hours), refused.refusals.map { it.retryAfter })
        assertNull(refused.retryAfter)
        assertNull(refused.retryAt)
    }

    @Test
    fun `refused reservations say when the limit passes`() {
        val tip = store.limit("tip") { atMost(1, 24.hours) }
        assertIs<StoredReservation>(tip.reserveFor(30.minutes))
        for (refused in listOf(tip.reserve(), tip.reserveFor(1.hours))) {
            assertIs<Decision.Refused>(refused)
            assertEquals(30.minutes to NOON.plusSeconds(1_800), refused.retryAfter to refused.retryAt)
        }
    }
}
