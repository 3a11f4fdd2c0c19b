package dev.tinycounter

import android.app.Application
import android.content.ComponentCallbacks2
import android.content.Context
import android.content.ContextWrapper
import java.io.File
import java.lang.ref.WeakReference
import java.time.Instant
import java.time.ZoneId
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotSame
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir

/** Opening the store of an app. */
class AppStoreTest {
    @TempDir
    lateinit var directory: File

    private lateinit var phone: Phone
    private val failures = LinkedBlockingQueue<EventStoreException>()
    private val opened = mutableListOf<AppStore>()

    @BeforeTest
    fun start() {
        phone = Phone(directory)
    }

    @AfterTest
    fun close() = opened.forEach(AppStore::close)

    private fun open(context: Context = phone.application, name: String = "tiny-counter") =
        EventStore.open(context, name, onFailure = failures::put).also { opened += it }

    private fun failure(): EventStoreException = checkNotNull(failures.poll(10, SECONDS)) { "no failure" }

    /** Lets an opening wait when it asks for the folder. */
    private fun holdOpening() = CountDownLatch(1).also { latch -> phone.onFolder = { latch.await() } }

    @Test
    fun `it opens a folder that no backup contains and attaches the store`() {
        val counts = open()
        counts.store.record("launch")
        assertTrue(phone.folder().isDirectory)
        phone.stop(Phone.activity())
        assertTrue(eventually { !counts.store.isDirty })
        counts.close()
        EventStore.open(phone.folder()).use { assertEquals(1, it.query("launch").lifetime()) }
    }

    @Test
    fun `it returns before the disk is read, and another thread reads it`() {
        val latch = CountDownLatch(1)
        val threads = LinkedBlockingQueue<Thread>()
        phone.onFolder = {
            threads += Thread.currentThread()
            latch.await()
        }
        val counts = open()
        val thread = threads.poll(10, SECONDS)!!
        assertNotSame(Thread.currentThread(), thread)
        assertEquals(Thread.NORM_PRIORITY, thread.priority, "the main thread may wait for it")
        assertNull(counts.storeOrNull)
        latch.countDown()
        assertSame(counts.store, counts.storeOrNull)
        assertSame(counts.store, runBlocking { counts.awaitStore() })
    }

    @Test
    fun `the options are those of a store`() {
        val clock = TestClock(Instant.parse("2026-01-10T12:00:00Z"))
        val counts = EventStore.open(
            phone.application,
            "other",
            mapOf(TimeUnit.DAYS to 3),
            Writes.INLINE,
            ZoneId.of("Asia/Tokyo"),
            clock,
            null,
            listOf("prompt")
        )
        opened += counts
        val store = counts.store
        assertTrue(phone.folder("other").isDirectory)
        assertEquals(mapOf(TimeUnit.DAYS to 3), store.tracking)
        assertEquals(ZoneId.of("Asia/Tokyo"), store.timeZone)
        store.record("prompt")
        store.record("launch")
        assertEquals(1, store.query("launch").since("prompt").sum())
        assertEquals(1, store.query("launch").lastDays(1).sum())
    }

    @Test
    fun `an action is called once the store is open, in the order of the calls`() {
        val latch = holdOpening()
        val counts = open()
        val calls = LinkedBlockingQueue<Int>()
        counts.whenOpen { store ->
            assertSame(counts.store, store)
            counts.whenOpen { calls += 2 }
            calls += 0
        }
        counts.whenOpen { calls += 1 }
        assertTrue(calls.isEmpty())
        latch.countDown()
        assertEquals(listOf(0, 1, 2), List(3) { calls.poll(10, SECONDS) })
        assertTrue(
            eventually {
                // At once from now on.
                var isCalledHere = false
                val here = Thread.currentThread()
                counts.whenOpen { if (Thread.currentThread() === here) isCalledHere = true }
                isCalledHere
            }
        )
    }

    @Test
    fun `no action is lost or called twice while the store opens`() {
        repeat(20) { round ->
            val counts = open(name = "round $round")
            val threads = List(4) { thread { repeat(100) { counts.whenOpen { it.record("x") } } } }
            threads.forEach(Thread::join)
            assertTrue(eventually { counts.store.query("x").lifetime() == 400L }, "${counts.store.query("x").lifetime()}")
        }
    }

    @Test
    fun `what an action throws is a failure, and the next one is called`() {
        val latch = holdOpening()
        val counts = open()
        val called = CountDownLatch(1)
        counts.whenOpen { it.record("launch", -1) }
        counts.whenOpen { called.countDown() }
        latch.countDown()
        assertIs<EventStoreException.InvalidArgument>(failure())
        assertTrue(called.await(10, SECONDS))
    }

    @Test
    fun `too many actions are dropped with one failure`() {
        val latch = holdOpening()
        val counts = open()
        repeat(1_030) { counts.whenOpen { it.record("launch") } }
        assertContains(failure().message!!, "1024 actions wait")
        latch.countDown()
        assertTrue(eventually { counts.store.query("launch").lifetime() == 1_024L })
        assertTrue(failures.isEmpty())
    }

    @Test
    fun `before the unlock it is unavailable, and the unlock opens it`() {
        phone.isUnlocked = false
        val counts = open()
        counts.whenOpen { it.record("alarm") }
        assertIs<EventStoreException.Unavailable>(failure())
        val error = assertFailsWith<EventStoreException.Unavailable> { counts.store }
        assertContains(error.message!!, "not unlocked")
        assertNull(counts.storeOrNull)
        assertFalse(phone.folder().exists(), "it touches no file")
        phone.unlock()
        assertTrue(eventually { counts.store.query("alarm").lifetime() == 1L })
        assertTrue(failures.isEmpty())
    }

    @Test
    fun `an unlock while it finds the device locked opens it`() {
        repeat(50) { round ->
            phone.isUnlocked = false
            val counts = open(name = "round $round")
            phone.unlock()
            assertTrue(eventually { counts.storeOrNull != null })
        }
    }

    @Test
    fun `device-protected storage opens before the unlock, in a folder of its own`() {
        phone.isUnlocked = false
        val counts = open(phone.application.createDeviceProtectedStorageContext())
        counts.store.record("alarm")
        assertTrue(phone.folder(storage = "user_de").isDirectory)
        assertFalse(phone.folder().exists())
    }

    @Test
    fun `a failed opening is tried again when the app comes to the screen`() {
        phone.folder().parentFile.mkdirs()
        val blocked = phone.folder().apply { writeText("a file, not a folder") }
        val counts = open()
        assertIs<EventStoreException.Storage>(failure())
        assertFailsWith<EventStoreException.Storage> { counts.store }
        blocked.delete()
        assertFailsWith<EventStoreException.Storage> { counts.store }
        phone.start(Phone.activity())
        counts.store.record("launch")
        assertTrue(failures.isEmpty())
    }

    @Test
    fun `a failed opening is tried again without an activity, and the same failure is reported once`() {
        phone.folder().parentFile.mkdirs()
        val blocked = phone.folder().apply { writeText("a file, not a folder") }
        val openings = LinkedBlockingQueue<Unit>()
        phone.onFolder = { openings.put(Unit) }
        val counts = open()
        assertIs<EventStoreException.Storage>(failure())
        repeat(2) {
            openings.take()
            assertFailsWith<EventStoreException.Storage> { counts.store }
            phone.application.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_BACKGROUND)
        }
        openings.take()
        assertFailsWith<EventStoreException.Storage> { counts.store }
        assertTrue(failures.isEmpty())
        blocked.delete()
        phone.application.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_BACKGROUND)
        openings.take()
        counts.store.record("launch")
    }

    @Test
    fun `another process than the main one cannot open it`() = Phone.inProcess("${Phone.MAIN}:push") {
        val counts = open()
        val error = failure()
        assertIs<EventStoreException.Unavailable>(error)
        assertContains(error.message!!, "the process ${Phone.MAIN}:push")
        assertFailsWith<EventStoreException.Unavailable> { counts.store }
        assertFalse(phone.folder().exists())
    }

    @Test
    fun `the main process can open it`() = Phone.inProcess(Phone.MAIN) { open().store.record("launch") }

    @Test
    fun `the name of a process ends at the first NUL character`() {
        assertEquals("org.example.app:push", processNameOf("org.example.app:push\u0000\u0000"))
        assertNull(processNameOf(""))
    }

    @Test
    fun `a second one of the same folder fails, and the first one goes on`() {
        val first = open()
        first.store.record("launch")
        val second = open()
        assertIs<EventStoreException.Unavailable>(failure())
        assertFailsWith<EventStoreException.Unavailable> { second.store }
        first.store.record("launch")
        assertEquals(2, first.store.query("launch").lifetime())
    }

    @Test
    fun `attaching its store again changes nothing`() {
        val counts = open()
        val registered = counts.store.let { phone.callbacks() }
        counts.store.attachTo(phone.application, failures::put)
        assertEquals(registered, phone.callbacks())
    }

    @Test
    fun `closing it saves, detaches, and ends what waits`() {
        val counts = open()
        counts.store.record("launch")
        counts.close()
        counts.close()
        assertEquals(0, phone.callbacks())
        assertFailsWith<EventStoreException.Closed> { counts.store }
        assertNull(counts.storeOrNull)
        counts.whenOpen { error("closed") }
        EventStore.open(phone.folder()).use { assertEquals(1, it.query("launch").lifetime()) }
    }

    @Test
    fun `closing it while it opens does not wait, and the store is closed once it was opened`() {
        val latch = holdOpening()
        val counts = open()
        counts.whenOpen { error("closed") }
        val waiting = LinkedBlockingQueue<Result<EventStore>>()
        val waits = thread { waiting += runCatching { counts.store } }
        assertTrue(eventually { waits.state == Thread.State.WAITING })
        counts.close()
        assertIs<EventStoreException.Closed>(waiting.poll(10, SECONDS)!!.exceptionOrNull())
        assertEquals(0, phone.callbacks())
        phone.onFolder = {}
        latch.countDown()
        // The folder is free again.
        assertTrue(eventually { runCatching { EventStore.open(phone.folder()).close() }.isSuccess })
        assertNull(failures.poll(100, MILLISECONDS))
    }

    @Test
    fun `the context of an activity is as good, and is not kept while the store opens`() {
        val latch = holdOpening()
        val context = openWithActivity()
        assertTrue(
            eventually {
                System.gc()
                context.get() == null
            }
        )
        latch.countDown()
        opened.single().store.record("launch")
        assertTrue(phone.folder().isDirectory)
    }

    private fun openWithActivity() = WeakReference<Context>(ContextWrapper(phone.application)).also { open(it.get()!!) }

    @Test
    fun `a context without an application and a name that is none are errors`() {
        val early = object : ContextWrapper(null) {
            override fun getApplicationContext(): Context? = null
        }
        assertFailsWith<EventStoreException.InvalidArgument> { open(early) }
        for (name in listOf("", ".", "..", "a/b", "../other", "a\u0000b")) {
            assertFailsWith<EventStoreException.InvalidArgument>(name) { open(name = name) }
        }
        assertEquals(0, phone.callbacks())
    }

    @Test
    fun `wrong options fail when it is opened`() {
        val counts = EventStore.open(phone.application, tracking = mapOf(TimeUnit.EVER to 1), onFailure = failures::put)
        opened += counts
        assertIs<EventStoreException.InvalidArgument>(failure())
        assertFailsWith<EventStoreException.InvalidArgument> { counts.store }
    }

    @Test
    fun `an error of the system is an error of the library`() {
        phone.onFolder = { throw IllegalStateException("no folder") }
        val counts = open()
        assertContains(failure().message!!, "no folder")
        assertFailsWith<EventStoreException.Unexpected> { counts.store }
        phone.onFolder = { throw OutOfMemoryError("no memory") }
        phone.start(Phone.activity())
        assertContains(failure().message!!, "no memory")
        assertFailsWith<EventStoreException.Unexpected> { counts.store }
    }
}
