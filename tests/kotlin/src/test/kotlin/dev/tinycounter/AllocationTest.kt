package dev.tinycounter

import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import kotlin.test.Test
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days

/** Calls that an app makes often leave nothing for the garbage collector once they are compiled. */
class AllocationTest {
    private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    private val store = EventStore.inMemory()
    private val tap = store.event("tap")

    /** Whether many calls in a row allocate nothing at last. */
    private fun becomesFree(rounds: Int = 10_000, call: () -> Unit): Boolean = (0 until rounds).any {
        val thread = Thread.currentThread().id
        val before = threads.getThreadAllocatedBytes(thread)
        repeat(100) { call() }
        threads.getThreadAllocatedBytes(thread) == before
    }

    @Test
    fun `a recording by name or by a handle allocates nothing`() {
        assertTrue(becomesFree { store.record("tap") })
        assertTrue(becomesFree { tap.record() })
    }

    @Test
    fun `a prepared limit allocates nothing whether it allows or refuses`() {
        store.record("tap")
        val allows = store.limit("tap") { atMost(1_000_000_000, 7.days) }
        val refuses = store.limit("tap") { atMost(1, 7.days) }
        assertTrue(allows.isAllowed() && !refuses.isAllowed())
        assertTrue(becomesFree { allows.isAllowed() })
        assertTrue(becomesFree { refuses.isAllowed() })
    }

    @Test
    fun `a prepared question allocates no more than its answer`() {
        store.record("tap")
        // The JVM has objects for small numbers.
        val taps = store.prepareQuestion { event("tap").lastDays(7).sum() }
        assertTrue(becomesFree { assertNotNull(taps.ask()) })
    }

    @Test
    fun `an allocation is noticed`() {
        var kept: Any? = null
        assertTrue(!becomesFree(rounds = 100) { kept = store.query("tap").lastDays(28).buckets() })
        assertNotNull(kept)
    }
}
