package dev.tinycounter

import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.concurrent.thread

/**
 * Runs [persist] on a thread of low priority: when [soon] asks for it, and each time that
 * [interval] milliseconds have passed, if [isDue] then.
 *
 * A sync can take longer than a frame, and one activity starts while another stops. So the main
 * thread must not wait for it.
 *
 * A background thread is early enough. Android freezes a process some seconds after its last
 * activity has stopped, whereas a sync takes milliseconds. A sync that is interrupted by the freeze
 * continues when the process runs again. A kill before the sync loses no recordings, because they
 * are in the file already; the sync makes them survive a power loss too.
 */
internal class PersistThread(private val interval: Long, private val isDue: () -> Boolean, private val persist: () -> Unit) :
    AutoCloseable {
    /** True asks for a persist. One is enough: it saves all that was recorded until it starts. */
    private val requests = ArrayBlockingQueue<Boolean>(1)

    @Volatile
    private var isClosed = false

    init {
        thread(isDaemon = true, name = "tiny-counter-persist", priority = BACKGROUND) {
            do {
                val request = requests.poll(interval, MILLISECONDS)
                if (request ?: isDue()) persist()
            } while (!isClosed)
        }
    }

    fun soon() {
        requests.offer(true)
    }

    /** Ends the thread. A persist that was asked for is carried out. */
    override fun close() {
        isClosed = true
        requests.offer(false)
    }

    private companion object {
        /** Android gives a thread of this priority that of `Process.THREAD_PRIORITY_BACKGROUND`. */
        const val BACKGROUND = 4
    }
}
