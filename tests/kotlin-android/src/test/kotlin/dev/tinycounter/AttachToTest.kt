package dev.tinycounter

import android.app.Activity
import android.app.Application
import android.content.BroadcastReceiver
import android.content.ComponentCallbacks2
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.content.IntentFilter
import java.io.File
import java.time.Instant
import java.time.ZoneId
import java.util.TimeZone
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

/**
 * Uses the classes of Android 14 without a device: the application keeps and calls its real lists of
 * callbacks, and the context below it catches calls to the system.
 */
class AttachToTest {
    @TempDir
    lateinit var directory: File

    private val receivers = mutableListOf<BroadcastReceiver>()
    private val system = object : ContextWrapper(null) {
        override fun registerReceiver(receiver: BroadcastReceiver?, filter: IntentFilter): Intent? {
            val actions = (0 until filter.countActions()).map(filter::getAction)
            assertEquals(listOf(Intent.ACTION_TIMEZONE_CHANGED, Intent.ACTION_TIME_CHANGED), actions)
            receivers += receiver!!
            return null
        }

        override fun unregisterReceiver(receiver: BroadcastReceiver?) {
            require(receivers.remove(receiver)) { "Receiver not registered" }
        }
    }
    private val application = Application().also { application ->
        val attach = ContextWrapper::class.java.getDeclaredMethod("attachBaseContext", Context::class.java)
        attach.apply { isAccessible = true }.invoke(application, system)
    }
    private val failures = LinkedBlockingQueue<EventStoreException>()
    private val before: TimeZone = TimeZone.getDefault()
    private lateinit var store: EventStore
    private lateinit var attachment: AutoCloseable

    @BeforeTest
    fun attach() {
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/London"))
        store = EventStore.open(directory, clock = TestClock(Instant.parse("2026-01-10T23:30:00Z")))
        attachment = store.attachTo(application, failures::put)
    }

    @AfterTest
    fun close() {
        TimeZone.setDefault(before)
        store.close()
    }

    /** An activity whose constructor did not run, because that would need a device. */
    private fun activity(changing: Boolean = false): Activity {
        val unsafe = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe").apply { isAccessible = true }.get(null)
        val activity = (unsafe as sun.misc.Unsafe).allocateInstance(Activity::class.java) as Activity
        Activity::class.java.getDeclaredField("mChangingConfigurations").apply { isAccessible = true }.set(activity, changing)
        return activity
    }

    private fun stop(activity: Activity) = dispatch("dispatchActivityStopped", activity)

    private fun dispatch(call: String, activity: Activity) {
        val method = Application::class.java.getDeclaredMethod(call, Activity::class.java)
        method.apply { isAccessible = true }.invoke(application, activity)
    }

    private fun isClean(within: Long = 10_000): Boolean {
        val end = System.nanoTime() + within * 1_000_000
        while (store.isDirty && System.nanoTime() < end) Thread.sleep(5)
        return !store.isDirty
    }

    @Test
    fun `stopping an activity persists`() {
        store.record("opened", 3)
        stop(activity())
        assertTrue(isClean())
        // A copy of the files has what a process that starts after a kill would find.
        val copy = File(directory, "../${directory.name}-copy").also { directory.copyRecursively(it) }
        EventStore.open(copy, clock = TestClock(Instant.parse("2026-01-11T12:00:00Z"))).use {
            assertEquals(listOf(0L, 3), it.query("opened").lastDays(2).buckets())
        }
        copy.deleteRecursively()
    }

    @Test
    fun `an activity that is created again does not persist`() {
        store.record("opened")
        stop(activity(changing = true))
        assertFalse(isClean(within = 300))
    }

    @Test
    fun `hiding the app persists, and low memory while it is visible does not`() {
        store.record("opened")
        application.onTrimMemory(5) // RUNNING_MODERATE
        assertFalse(isClean(within = 300))
        application.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_UI_HIDDEN)
        assertTrue(isClean())
    }

    @Test
    fun `the store counts days in the new time zone of the system`() {
        store.record("opened")
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
        receivers.single().onReceive(application, Intent(Intent.ACTION_TIMEZONE_CHANGED))
        store.record("opened", 5)
        assertEquals(listOf(5L, 1), store.query("opened").lastDays(2).buckets())
    }

    @Test
    fun `the table of a clock that was wrong by years is renewed when it is set, and when an activity starts`() {
        attachment.close()
        val clock = TestClock(Instant.parse("2035-01-10T12:00:00Z"))
        EventStore.inMemory(clock = clock).use { wrong ->
            wrong.attachTo(application, failures::put).use {
                clock.now = Instant.parse("2026-01-10T12:00:00Z")
                assertNotNull(wrong.health.zoneEnded)
                receivers.single().onReceive(application, Intent(Intent.ACTION_TIME_CHANGED))
                assertNull(wrong.health.zoneEnded)
                clock.now = Instant.parse("2035-01-10T12:00:00Z")
                assertNotNull(wrong.health.zoneEnded)
                dispatch("dispatchActivityStarted", activity())
                assertNull(wrong.health.zoneEnded)
            }
        }
    }

    @Test
    fun `a chosen zone stays`() {
        attachment.close()
        val clock = TestClock(Instant.parse("2026-01-10T20:00:00Z"))
        EventStore.inMemory(zone = ZoneId.of("Europe/London"), clock = clock).use { fixed ->
            fixed.attachTo(application, failures::put).use {
                fixed.record("opened")
                TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
                receivers.single().onReceive(application, Intent(Intent.ACTION_TIMEZONE_CHANGED))
                assertEquals(ZoneId.of("Europe/London"), fixed.zone)
                assertEquals(listOf(1L, 0), fixed.query("opened").lastDays(2).buckets())
            }
        }
    }

    @Test
    fun `closing twice does nothing more`() {
        attachment.close()
        attachment.close()
        assertTrue(receivers.isEmpty())
    }

    @Test
    fun `many stops do not queue many persists`() {
        repeat(1_000) {
            store.record("opened")
            stop(activity())
        }
        assertTrue(isClean())
        assertEquals(1_000, store.query("opened").lifetime())
        assertTrue(failures.isEmpty())
    }

    @Test
    fun `an error while persisting is reported`() {
        attachment.close()
        EventStore.inMemory(zone = ZoneId.of("UTC")).use { memory ->
            val attachment = memory.attachTo(application, failures::put)
            memory.record("opened")
            stop(activity())
            assertIs<EventStoreException.Storage>(failures.poll(10, SECONDS))
            attachment.close()
        }
    }

    @Test
    fun `a closed store is not an error`() {
        store.close()
        stop(activity())
        receivers.single().onReceive(application, Intent(Intent.ACTION_TIMEZONE_CHANGED))
        assertEquals(null, failures.poll(300, java.util.concurrent.TimeUnit.MILLISECONDS))
    }

    @Test
    fun `a closed attachment no longer persists`() {
        attachment.close()
        store.record("opened")
        stop(activity())
        application.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_UI_HIDDEN)
        assertFalse(isClean(within = 300))
        assertTrue(receivers.isEmpty())
    }
}
