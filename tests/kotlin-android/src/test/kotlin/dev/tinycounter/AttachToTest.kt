package dev.tinycounter

import android.content.ComponentCallbacks2
import android.content.Intent
import java.io.File
import java.time.Instant
import java.time.ZoneId
import java.util.TimeZone
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNotSame
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

/** What a store does during the life of an app. */
class AttachToTest {
    @TempDir
    lateinit var directory: File

    private val failures = LinkedBlockingQueue<EventStoreException>()
    private val before: TimeZone = TimeZone.getDefault()
    private lateinit var phone: Phone
    private lateinit var store: EventStore
    private lateinit var attachment: AutoCloseable

    @BeforeTest
    fun attach() {
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/London"))
        phone = Phone(directory)
        store = EventStore.open(File(directory, "store"), clock = TestClock(Instant.parse("2026-01-10T23:30:00Z")))
        attachment = store.attachTo(phone.application, failures::put)
    }

    @AfterTest
    fun close() {
        TimeZone.setDefault(before)
        store.close()
    }

    private fun becomesClean(millis: Long = 10_000) = eventually(millis) { !store.isDirty }

    @Test
    fun `leaving the screen persists`() {
        val activity = Phone.activity()
        phone.start(activity)
        store.record("opened", 3)
        phone.stop(activity)
        assertTrue(becomesClean())
        // A copy of the files has what a process that starts after a kill would find.
        val copy = File(directory, "copy").also { File(directory, "store").copyRecursively(it) }
        EventStore.open(copy, clock = TestClock(Instant.parse("2026-01-11T12:00:00Z"))).use {
            assertEquals(listOf(0L, 3), it.query("opened").lastDays(2).buckets())
        }
    }

    @Test
    fun `an activity that stops while another one is started does not persist`() {
        val (first, second) = List(2) { Phone.activity() }
        phone.start(first)
        phone.start(second)
        store.record("opened")
        phone.stop(first)
        assertFalse(becomesClean(millis = 300))
        phone.stop(second)
        assertTrue(becomesClean())
    }

    @Test
    fun `an activity that is created again does not persist`() {
        val activity = Phone.activity(isRecreated = true)
        phone.start(activity)
        store.record("opened")
        phone.stop(activity)
        assertFalse(becomesClean(millis = 300))
        val again = Phone.activity()
        phone.start(again)
        assertFalse(becomesClean(millis = 300))
        phone.stop(again)
        assertTrue(becomesClean())
    }

    @Test
    fun `a store that is attached after an activity has started is persisted when the app leaves the screen`() {
        attachment.close()
        val (before, after) = List(2) { Phone.activity() }
        phone.start(before)
        store.attachTo(phone.application, failures::put)
        phone.start(after)
        phone.stop(before)
        assertTrue(becomesClean())
        store.record("opened")
        phone.stop(after)
        assertTrue(becomesClean())
    }

    @Test
    fun `a process that may be ended persists, and low memory while the app is visible does not`() {
        store.record("opened")
        phone.application.onTrimMemory(15) // RUNNING_CRITICAL
        assertFalse(becomesClean(millis = 300))
        phone.application.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_BACKGROUND)
        assertTrue(becomesClean())
    }

    @Test
    fun `a process without activities persists at intervals, and one on the screen does not`() {
        attachment.close()
        Attachment(phone.application, failures::put, interval = 20).attach(store).use {
            repeat(2) {
                store.record("worked")
                assertTrue(becomesClean())
            }
            val activity = Phone.activity()
            phone.start(activity)
            Thread.sleep(100) // an interval that has begun before
            store.record("opened")
            assertFalse(becomesClean(millis = 300))
        }
    }

    @Test
    fun `the store counts days in the new time zone of the system`() {
        store.record("opened")
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
        phone.send(Intent.ACTION_TIMEZONE_CHANGED)
        store.record("opened", 5)
        assertEquals(listOf(5L, 1), store.query("opened").lastDays(2).buckets())
    }

    @Test
    fun `the store compares the time zones when the app comes to the screen`() {
        val first = Phone.activity()
        phone.start(first)
        store.record("opened")
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
        phone.start(Phone.activity())
        assertEquals(listOf(1L, 0), store.query("opened").lastDays(2).buckets(), "it is on the screen already")
        repeat(2) { phone.stop(first) }
        phone.start(first)
        store.record("opened", 5)
        assertEquals(listOf(5L, 1), store.query("opened").lastDays(2).buckets())
    }

    @Test
    fun `the table of a clock that was wrong by years is renewed when it is set, and when the app comes to the screen`() {
        attachment.close()
        val clock = TestClock(Instant.parse("2035-01-10T12:00:00Z"))
        EventStore.inMemory(clock = clock).use { wrong ->
            wrong.attachTo(phone.application, failures::put)
            clock.now = Instant.parse("2026-01-10T12:00:00Z")
            assertNotNull(wrong.health.zoneEnded)
            phone.send(Intent.ACTION_TIME_CHANGED)
            assertNull(wrong.health.zoneEnded)
            clock.now = Instant.parse("2035-01-10T12:00:00Z")
            assertNotNull(wrong.health.zoneEnded)
            phone.start(Phone.activity())
            assertNull(wrong.health.zoneEnded)
        }
    }

    @Test
    fun `a chosen zone stays`() {
        attachment.close()
        val clock = TestClock(Instant.parse("2026-01-10T20:00:00Z"))
        EventStore.inMemory(timeZone = ZoneId.of("Europe/London"), clock = clock).use { fixed ->
            fixed.attachTo(phone.application, failures::put)
            fixed.record("opened")
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
            phone.send(Intent.ACTION_TIMEZONE_CHANGED)
            phone.start(Phone.activity())
            assertEquals(ZoneId.of("Europe/London"), fixed.timeZone)
            assertEquals(listOf(1L, 0), fixed.query("opened").lastDays(2).buckets())
        }
    }

    @Test
    fun `attaching again changes nothing`() {
        val registered = phone.callbacks()
        assertTrue(registered > 0)
        assertSame(attachment, store.attachTo(phone.application) { error("the first one counts") })
        assertEquals(registered, phone.callbacks())
        attachment.close()
        val second = store.attachTo(phone.application, failures::put)
        assertNotSame(attachment, second)
        assertEquals(registered, phone.callbacks())
        attachment.close()
        assertEquals(registered, phone.callbacks(), "the first attachment is none any more")
    }

    @Test
    fun `two threads that attach at once attach once`() {
        attachment.close()
        val registered = Phone(directory).also { store.attachTo(it.application, failures::put) }.callbacks()
        store.attachment.get().close()
        val attached = LinkedBlockingQueue<AutoCloseable>()
        List(4) { kotlin.concurrent.thread { attached += store.attachTo(phone.application, failures::put) } }.forEach(Thread::join)
        assertEquals(1, attached.distinct().size)
        assertEquals(registered, phone.callbacks())
    }

    @Test
    fun `closing an attachment twice does nothing more`() {
        attachment.close()
        attachment.close()
        assertEquals(0, phone.callbacks())
    }

    @Test
    fun `closing the store detaches it`() {
        store.close()
        assertEquals(0, phone.callbacks())
    }

    @Test
    fun `a closed store is not attached`() {
        store.close()
        store.attachTo(phone.application, failures::put).close()
        store.attachTo(phone.application, failures::put)
        assertEquals(0, phone.callbacks())
    }

    @Test
    fun `a closed attachment no longer persists`() {
        attachment.close()
        store.record("opened")
        phone.stop(Phone.activity())
        phone.application.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_BACKGROUND)
        assertFalse(becomesClean(millis = 300))
        assertEquals(0, phone.callbacks())
    }

    @Test
    fun `many stops lose nothing`() {
        val activity = Phone.activity()
        repeat(1_000) {
            phone.start(activity)
            store.record("opened")
            phone.stop(activity)
        }
        assertTrue(becomesClean())
        assertEquals(1_000, store.query("opened").lifetime())
        assertTrue(failures.isEmpty())
    }

    @Test
    fun `an error while persisting is reported by a thread of low priority`() {
        attachment.close()
        val threads = LinkedBlockingQueue<Thread>()
        EventStore.inMemory(timeZone = ZoneId.of("UTC")).use { memory ->
            memory.attachTo(phone.application) {
                threads += Thread.currentThread()
                failures += it
            }
            memory.record("opened")
            phone.stop(Phone.activity())
            assertIs<EventStoreException.Storage>(failures.poll(10, SECONDS))
            assertTrue(threads.take().priority < Thread.NORM_PRIORITY)
        }
    }

    @Test
    fun `a persist that was asked for is carried out although the attachment is closed then`() {
        val activity = Phone.activity()
        repeat(50) {
            phone.start(activity)
            store.record("opened")
            phone.stop(activity)
            attachment.close()
            assertTrue(becomesClean())
            attachment = store.attachTo(phone.application, failures::put)
        }
    }

    @Test
    fun `a store that is closed while it is persisted is no error`() {
        repeat(50) {
            val other = EventStore.open(File(directory, "closed"))
            other.attachTo(phone.application, failures::put)
            other.record("opened")
            phone.stop(Phone.activity())
            other.close()
        }
        assertNull(failures.poll(300, MILLISECONDS))
    }
}
