package app.reading

import dev.tinycounter.EventStore
import dev.tinycounter.TestClock
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneOffset
import kotlin.time.Duration.Companion.days
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class CountsTest {
    private val clock = TestClock(Instant.parse("2026-03-11T12:00:00Z"))

    private fun counts() = Counts(EventStore.inMemory(clock = clock, timeZone = ZoneOffset.UTC))

    @Test
    fun `the summary has a count for each day of the week`() {
        val counts = counts()
        repeat(2) {
            counts.launched()
            counts.finished()
            clock.advance(1.days)
        }
        val summary = counts.summary()
        assertEquals(2, summary.activeDays)
        assertEquals(2L, summary.finished)
        assertEquals(listOf(0L, 0L, 0L, 0L, 1L, 1L, 0L), summary.week.map { it.count })
        assertEquals(LocalDate.parse("2026-03-13"), summary.week.last().date)
    }

    @Test
    fun `the count of today follows each article`() = runBlocking {
        val counts = counts()
        val shown = counts.finishedToday().onEach { counts.finished() }.take(3).toList()
        assertEquals(listOf(0L, 1L, 2L), shown)
    }

    @Test
    fun `the third article brings the prompt, once in 120 days`() {
        val counts = counts()
        repeat(2) { counts.finished() }
        assertFalse(counts.mayAskForReview())
        counts.finished()
        assertTrue(counts.mayAskForReview())
        assertFalse(counts.mayAskForReview())

        clock.advance(121.days)
        repeat(3) { counts.finished() }
        assertTrue(counts.mayAskForReview())
    }

    @Test
    fun `no prompt within two days of a failure`() {
        val counts = counts()
        repeat(3) { counts.finished() }
        counts.failed()
        assertFalse(counts.mayAskForReview())
        assertEquals(1, counts.whyNoReview().size)
        clock.advance(2.days)
        assertTrue(counts.mayAskForReview())
        assertTrue(counts.whyNoReview().isNotEmpty())
    }

    @Test
    fun `a phone and a tablet have the same counts after they exchanged them`() {
        val (phone, tablet) = counts() to counts()
        repeat(2) { phone.finished() }
        tablet.finished()
        assertEquals(1, tablet.merge(phone.export()).eventsChanged)
        phone.merge(tablet.export(since = phone.knowledge()))
        assertEquals(3L, phone.summary().finished)
        assertEquals(3L, tablet.summary().finished)
        assertEquals(0, tablet.merge(phone.export()).eventsChanged)
    }
}
