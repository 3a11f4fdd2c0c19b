package dev.tinycounter

import java.io.File
import java.time.ZoneId
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

/** Listeners of a store. */
class ChangeTest {
    private val calls = LinkedBlockingQueue<Changed>()

    private fun await(): Changed = assertNotNull(calls.poll(20, SECONDS), "no listener was called")

    private enum class Tap(override val eventName: String) : EventName { LAUNCH("launch") }

    @Test
    fun `a listener learns on another thread which events changed`() {
        val store = memory()
        val threads = LinkedBlockingQueue<Thread>()
        store.onChange {
            threads += Thread.currentThread()
            calls += it
        }.use {
            store.record("launch")
            val changed = await()
            assertEquals(listOf("launch"), changed.events)
            assertTrue(changed.concerns("launch") && changed.concerns(Tap.LAUNCH))
            assertFalse(changed.concerns("other"))
            val thread = threads.take()
            assertNotEquals(Thread.currentThread(), thread)
            assertTrue(thread.isDaemon)
        }
    }

    @Test
    fun `what changes while a listener works is one call`() {
        val store = memory()
        val works = CountDownLatch(1)
        val goesOn = CountDownLatch(1)
        store.onChange {
            calls += it
            works.countDown()
            goesOn.await()
        }.use {
            store.record("first")
            works.await()
            repeat(100) { store.record("a") }
            store.record("b")
            goesOn.countDown()
            assertEquals(listOf("first"), await().events)
            assertEquals(listOf("a", "b"), await().events)
        }
    }

    @Test
    fun `a listener that is closed is called no more and the thread ends with the last one`() {
        val store = memory()
        val thread = LinkedBlockingQueue<Thread>()
        val first = store.onChange {
            thread += Thread.currentThread()
            calls += it
        }
        val second = store.onChange { }
        store.record("a")
        await()
        first.close()
        second.close()
        second.close()
        thread.take().join(20_000)
        store.record("a")
        assertNull(calls.poll())
        store.onChange { calls += it }.use {
            store.record("again")
            assertEquals(listOf("again"), await().events)
        }
    }

    @Test
    fun `a listener may use the store and what it throws is ignored`() {
        val store = memory()
        store.onChange { throw IllegalStateException("as the test wants it") }.use {
            store.onChange {
                calls += it
                if (it.concerns("a")) store.record("seen", store.today("a").toInt())
            }.use {
                store.record("a", 7)
                await()
                assertEquals(listOf("seen"), await().events)
                assertEquals(7, store.today("seen"))
            }
        }
    }

    @Test
    fun `a store can be watched while it is closed`(@TempDir directory: File) {
        val store = open(File(directory, "store"))
        store.close()
        store.onChange { calls += it }.use {
            store.record("not counted")
            store.setTimeZone(ZoneId.of("Asia/Tokyo"))
            assertEquals(Changed(null), await())
        }
    }

    @Test
    fun `changes are values that can be put together`() {
        val some = Changed(listOf("a", "b"))
        assertEquals(listOf("a", "b", "c"), (some + Changed(listOf("b", "c"))).events)
        val all = Changed(null)
        assertEquals(listOf(all, all), listOf(some + all, all + some))
        assertEquals(all, some + Changed(List(63) { "event $it" }))
        assertTrue(all.concerns("anything"))
        assertEquals(some.hashCode(), Changed(listOf("a", "b")).hashCode())
        assertNotEquals<Any>(some, all)
        assertNotEquals<Any>(some, "a")
        assertEquals("changed: [a, b]", "$some")
        assertEquals("any event may have changed", "$all")
    }
}
