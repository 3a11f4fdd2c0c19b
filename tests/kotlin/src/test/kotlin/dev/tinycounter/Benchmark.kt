package dev.tinycounter

import com.sun.management.ThreadMXBean
import dev.tinycounter.internal.EventStore as CoreStore
import java.io.File
import java.lang.management.ManagementFactory
import java.time.ZoneId
import kotlin.test.Test
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

/**
 * What a call costs, beside the floors: a call that does nothing, by JNI, and one that reads the clock, by the bindings, and
 * the time. `cargo xtask bench kotlin` runs it. It asserts nothing, because the machine has other
 * work too; the calls take turns, so that such work affects all of them alike.
 */
class Benchmark {
    private val store = EventStore.inMemory()
    private val core = CoreStore.inMemory(options(emptyMap(), ZoneId.systemDefault(), null, null))
    private val empty = EventStore.inMemory()
    private val tap = store.event("tap")
    private val allowed = store.limit("tap") { rules(1_000_000_000) }
    private val refused = store.limit("tap") { rules(1) }
    private val week = store.prepareQuestion { event("tap").lastDays(7).sum() }

    private fun LimitBuilder.rules(most: Int) {
        atMost(most, 7.days)
        atMost(1_000_000_000, 1.hours)
        cooldown("crash", 2.days)
    }

    init {
        for (day in 0..27) store.recordAgo("tap", day.days, 3)
    }

    @Test
    fun `calls`() {
        var sink = 0L
        val calls = listOf(
            Call("an empty call by JNI") { sink += Direct.`interface`() },
            Call("System.currentTimeMillis()") { sink += System.currentTimeMillis() },
            Call("an empty call by UniFFI") { sink += core.now() },
            Call("record(name)") { store.record("tap") },
            Call("record() of a handle") { tap.record() },
            Call("event(name)") { sink += store.event("tap").name.length },
            Call("isAllowed(), allowed") { if (allowed.isAllowed()) sink++ },
            Call("isAllowed(), refused") { if (refused.isAllowed()) sink++ },
            Call("limit { }.isAllowed(), allowed") { if (store.limit("tap") { rules(1_000_000_000) }.isAllowed()) sink++ },
            Call("check(), allowed") { if (allowed.check().isAllowed) sink++ },
            Call("check(), refused") { if (refused.check().isAllowed) sink++ },
            Call("checkAndRecord(), allowed") { if (allowed.checkAndRecord().isAllowed) sink++ },
            Call("query(name).lastDays(7).sum()") { sink += store.query("tap").lastDays(7).sum() ?: 0 },
            Call("query(name).lastDays(7).average()") { sink += (store.query("tap").lastDays(7).average() ?: 0.0).toLong() },
            Call("query(name).lastSeen()") { sink += store.query("tap").lastSeen()?.inWholeMilliseconds ?: 0 },
            Call("ask() of a prepared sum") { sink += week.ask() ?: 0 },
            Call("query(name).lastDays(28).buckets()") { sink += store.query("tap").lastDays(28).buckets().size },
            Call("a name that is new, by turns of 100,000") { empty.event("e${sink++ % 100_000}") }
        )
        repeat(ROUNDS) { round -> calls.forEach { it.measure(keep = round >= WARM_UP) } }
        println("%-44s %10s %10s".format("", "ns", "bytes"))
        calls.forEach { println(it.line()) }
        check(sink != 0L)
    }

    @Test
    fun `a cold start`() {
        val classes = System.getProperty("java.class.path")
        val libraries = System.getProperty("tinycounter.library.path")
        val starts = List(COLD_STARTS) {
            val folder = File.createTempFile("cold", "").apply { delete() }
            val java = ProcessBuilder(
                System.getProperty("java.home") + "/bin/java", "-cp", classes, "-Dtinycounter.library.path=$libraries",
                ColdStart::class.java.name, folder.path
            )
            java.redirectError(ProcessBuilder.Redirect.INHERIT).start().inputStream.bufferedReader().readLines().also {
                folder.deleteRecursively()
            }.map { line -> line.substringBeforeLast(' ') to line.substringAfterLast(' ').toDouble() }
        }
        println("%-44s %10s %10s".format("", "median ms", "least ms"))
        for ((at, step) in starts.first().withIndex()) {
            val times = starts.map { it[at].second }.sorted()
            println("%-44s %10.1f %10.1f".format(step.first, times[times.size / 2], times.first()))
        }
    }

    private class Call(val name: String, val call: () -> Unit) {
        private var times = 100
        private val nanos = mutableListOf<Double>()
        private val bytes = mutableListOf<Double>()

        fun measure(keep: Boolean) {
            val allocated = threads.getThreadAllocatedBytes(Thread.currentThread().id)
            val begin = System.nanoTime()
            repeat(times) { call() }
            val took = (System.nanoTime() - begin).coerceAtLeast(1)
            val more = threads.getThreadAllocatedBytes(Thread.currentThread().id) - allocated
            if (keep) {
                nanos += took.toDouble() / times
                bytes += more.toDouble() / times
            }
            times = (times * TURN_NANOS / took).toInt().coerceIn(times / 4, times * 4).coerceAtLeast(10)
        }

        fun line(): String = "%-44s %10.0f %10.0f".format(name, nanos.sorted()[nanos.size / 2], bytes.sorted()[bytes.size / 2])
    }

    private companion object {
        const val ROUNDS = 120
        const val WARM_UP = 60
        const val COLD_STARTS = 9
        const val TURN_NANOS = 2_000_000.0
        val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    }
}

/** The first calls of a process. Prints what each takes in milliseconds. */
object ColdStart {
    private var begin = 0L

    @JvmStatic
    fun main(arguments: Array<String>) {
        begin = System.nanoTime()
        Direct.`interface`()
        step("  the library")
        val store = EventStore.open(File(arguments[0]))
        step("  the store")
        println("open ${total()}")
        begin = System.nanoTime()
        steps.clear()
        store.record("launch")
        step("  the first recording")
        store.query("launch").lastDays(7).sum()
        step("  the first question")
        store.limit("prompt") { atMost(1, 7.days) }.check()
        step("  the first limit")
        println("the first calls ${total()}")
        store.close()
        // What the library may not need at a start.
        Runtime.getRuntime().halt(0)
    }

    private val steps = mutableListOf<Double>()

    private fun step(name: String) {
        steps += (System.nanoTime() - begin) / 1e6
        println("$name ${steps.last()}")
        begin = System.nanoTime()
    }

    private fun total(): Double = steps.sum()
}
