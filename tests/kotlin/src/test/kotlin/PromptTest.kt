import dev.tinycounter.Decision
import dev.tinycounter.EventStore
import dev.tinycounter.TestClock
import java.time.Instant
import java.time.ZoneOffset
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds

class PromptTest {
    @Test
    fun `the prompt waits for two days after a crash`() {
        val clock = TestClock(Instant.parse("2026-03-11T12:00:00Z"))
        val store = EventStore.inMemory(clock = clock, timeZone = ZoneOffset.UTC)
        val prompt = store.limit("review_prompt") {
            atMost(1, 120.days)
            cooldown("crash", 2.days)
        }

        store.record("crash")
        clock.advance(2.days - 1.milliseconds)
        val refused = prompt.checkAndRecord() as Decision.Refused
        assertEquals(1.milliseconds, refused.retryAfter)

        clock.advance(1.milliseconds)
        assertTrue(prompt.checkAndRecord().isAllowed)
        assertFalse(prompt.checkAndRecord().isAllowed, "once in 120 days")
    }
}
