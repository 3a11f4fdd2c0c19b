package dev.tinycounter

import java.time.Instant
import java.time.LocalTime
import java.time.ZoneId
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
    fun `a wait follows the local clock through a change`() {
        // Berlin goes from 2:00 to 3:00 in the night to March 29, and from 3:00 to 2:00 in the night to October 25.
        val nights = mapOf("2026-03-28T22:00:00Z" to 7.hours, "2026-10-24T21:00:00Z" to 9.hours, "2026-06-10T21:00:00Z" to 8.hours)
        for ((evening, wait) in nights) {
            clock.now = Instant.parse(evening)
            val store = memory(clock, ZoneId.of("Europe/Berlin"))
            val prompt = store.limit("prompt") {
                cooldown(1.hours)
                outsideOf(Schedule.Daily(LocalTime.of(22, 30), LocalTime.of(7, 0)))
            }
            store.record("prompt")
            val refused = assertIs<Decision.Refused>(prompt.check())
            assertEquals(wait, refused.retryAfter, "from 23:00 to 7:00 after $evening")
            assertEquals(refused.retryAt, prompt.explain().retryAt)
            clock.advance(wait - 1.milliseconds)
            assertFalse(prompt.isAllowed(), evening)
            clock.advance(1.milliseconds)
            assertTrue(prompt.isAllowed(), evening)
        }
    }

    @Test
    fun `a wait includes what another device counted`() {
        val tablet = memory(clock)
        val tip = store.limit("tip") {
            atMost(2, 10.hours)
            cooldown(4.hours)
            during(Schedule.Hours(8, 22))
        }
        store.record("tip")
        clock.advance(3.hours)
        tablet.record("tip")
        assertEquals(1.hours, assertIs<Decision.Refused>(tip.check()).retryAfter, "the store has not heard of it")
        store.merge(tablet.export())
        val refused = assertIs<Decision.Refused>(tip.check())
        assertEquals(tip.limit.rules.take(2), refused.refusals.map { it.rule })
        // It is 15:00. The store's own tip leaves the window at 22:00, when the schedule refuses until 8:00.
        assertEquals(17.hours, refused.retryAfter)
        clock.advance(17.hours - 1.milliseconds)
        assertFalse(tip.isAllowed())
        clock.advance(1.milliseconds)
        assertTrue(tip.isAllowed())
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
