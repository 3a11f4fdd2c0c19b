package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.yield

/** Changes and answers as flows. */
@OptIn(ExperimentalCoroutinesApi::class)
class FlowTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    private enum class Tap(override val eventName: String) : EventName { LAUNCH("launch") }

    private val TestScope.dispatcher get() = StandardTestDispatcher(testScheduler)

    /** Collects a flow, and gives each value when it is asked for. */
    private suspend fun <T> collecting(flow: Flow<T>, use: suspend (ReceiveChannel<T>) -> Unit) = coroutineScope {
        val values = flow.buffer(Channel.RENDEZVOUS).produceIn(this)
        use(values)
        values.cancel()
    }

    @Test
    fun `a flow of sums begins with the current one and follows each change`() = runBlocking {
        store.record("launch", 2)
        collecting(store.sumFlow("launch", every = Duration.INFINITE) { lastDays(7) }) { sums ->
            assertEquals(2, sums.receive())
            store.record("other")
            store.record("launch")
            assertEquals(3, sums.receive())
            store.erase("launch")
            assertEquals(null, sums.receive())
        }
    }

    @Test
    fun `a typed event and any question have flows too`() = runBlocking {
        store.record("launch", 2)
        assertEquals(2, store.sumFlow(Tap.LAUNCH) { today() }.first())
        assertEquals(1, store.answerFlow { event("launch").lastDays(28).countNonzero() }.first())
        val prompt = store.limit("launch") { atMost(3, 1.days) }
        collecting(store.valueFlow(every = Duration.INFINITE) { prompt.isAllowed() }) { isAllowed ->
            assertEquals(true, isAllowed.receive())
            store.record("launch", 5)
            assertEquals(false, isAllowed.receive())
        }
    }

    @Test
    fun `equal values in succession are one`() = runBlocking {
        val asked = Channel<Unit>(Channel.UNLIMITED)
        val values = store.valueFlow(every = Duration.INFINITE) {
            asked.trySend(Unit)
            today("launch")
        }
        collecting(values) {
            assertEquals(0, it.receive())
            asked.receive()
            store.record("other")
            asked.receive()
            store.record("launch")
            assertEquals(1, it.receive())
        }
    }

    @Test
    fun `time that passes is noticed within a minute of virtual time`() = runTest {
        store.record("launch")
        val sums = mutableListOf<Long?>()
        val collected = launch { store.sumFlow("launch", dispatcher = dispatcher) { today() }.collect { sums += it } }
        runCurrent()
        clock.advance(12.hours)
        advanceTimeBy(59.seconds)
        assertEquals(listOf<Long?>(1), sums)
        advanceTimeBy(2.seconds)
        assertEquals(listOf<Long?>(1, 0), sums)
        clock.advance(1.days)
        store.record("launch")
        advanceTimeBy(2.minutes)
        assertEquals(listOf<Long?>(1, 0, 1), sums)
        collected.cancel()
        assertTrue(currentTime < 200_000)
    }

    @Test
    fun `a collector that is slow gets the latest value`() = runBlocking {
        val asked = Channel<Long>(Channel.UNLIMITED)
        val goesOn = CompletableDeferred<Unit>()
        val seen = mutableListOf<Long>()
        val collected = launch {
            store.valueFlow(every = Duration.INFINITE) { today("launch").also { asked.trySend(it) } }.first {
                seen += it
                if (it == 0L) goesOn.await()
                it == 3L
            }
        }
        assertEquals(0, asked.receive())
        for (count in 1L..3L) {
            store.record("launch")
            while (asked.receive() < count) Unit
        }
        goesOn.complete(Unit)
        collected.join()
        assertEquals(0, seen.first())
        assertEquals(3, seen.last())
        assertTrue(seen.size <= 3, "of the values meanwhile at most the one that was on its way is seen: $seen")
    }

    @Test
    fun `changes meanwhile are put together`() = runBlocking {
        val seen = Channel<Changed>(Channel.UNLIMITED)
        val goesOn = Channel<Unit>()
        val collected = launch {
            store.changes().collect {
                seen.send(it)
                goesOn.receive()
            }
        }
        while (seen.isEmpty) {
            store.record("first")
            yield()
        }
        assertEquals(listOf("first"), seen.receive().events)
        repeat(1_000) { store.record(if (it % 2 == 0) "a" else "b") }
        var elements = 0
        val all = mutableSetOf<String>()
        while (!all.containsAll(listOf("a", "b"))) {
            goesOn.send(Unit)
            all += seen.receive().events.orEmpty()
            elements++
        }
        assertTrue(elements < 100, "$elements elements")
        collected.cancel()
    }

    @Test
    fun `a closed store ends a flow of answers with the error of its question`() = runBlocking<Unit> {
        val seen = mutableListOf<Long>()
        assertFailsWith<EventStoreException.Closed> {
            store.valueFlow(every = Duration.INFINITE) { query("launch").lifetime() ?: 0 }.collect {
                seen += it
                store.close()
            }
        }
        assertEquals(listOf(0L), seen)
        assertFailsWith<EventStoreException.Closed> { store.sumFlow("launch") { today() }.first() }
    }

    @Test
    fun `who stops to collect ends the watch`() = runTest {
        val flow = store.sumFlow("launch", dispatcher = dispatcher) { today() }
        repeat(200) { flow.first() }
        val watching = Thread.getAllStackTraces().keys.filter { it.name == "tiny-counter changes" }
        watching.forEach { it.join(20_000) }
        assertEquals(emptyList(), watching.filter { it.isAlive })
    }

    @Test
    fun `a time that is not positive is an error at once`() {
        for (every in listOf(Duration.ZERO, -1.minutes)) {
            assertFailsWith<EventStoreException.InvalidArgument> { store.sumFlow("launch", every) { today() } }
        }
    }

    @Test
    fun `a question that cannot be prepared ends the flow`() = runBlocking<Unit> {
        val wrong = store.answerFlow { event("x".repeat(1_025)).today().sum() }
        assertFailsWith<EventStoreException.InvalidArgument> { wrong.first() }
    }
}
