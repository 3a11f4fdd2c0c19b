package dev.tinycounter.internal

import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import java.util.concurrent.ConcurrentHashMap

/**
 * Gives back what collected objects held, on a thread of its own. Android has such a class since
 * API level 33.
 */
internal object UniffiCleaner {
    private val collected = ReferenceQueue<Any>()

    /** A reference is found by the queue only as long as something refers to it. */
    private val waiting = ConcurrentHashMap.newKeySet<Cleanable>()

    init {
        Worker().start()
    }

    private class Worker : Thread("tiny-counter cleaner") {
        init {
            isDaemon = true
            // The process keeps the class loader of this class: the library must stay loaded, because
            // its own threads run in it. Another class loader must not be kept by accident.
            contextClassLoader = Worker::class.java.classLoader
        }

        override fun run() {
            while (true) cleanNext()
        }
    }

    private fun cleanNext() {
        try {
            (collected.remove() as Cleanable).clean()
        } catch (error: Throwable) {
            // What is collected later has to be given back too.
            error.printStackTrace()
        }
    }

    /** [task] must not refer to [value]. It runs once: when [value] is collected, or earlier by [Cleanable.clean]. */
    fun register(value: Any, task: Runnable): Cleanable = Cleanable(value, task).also(waiting::add)

    class Cleanable(value: Any, private val task: Runnable) : PhantomReference<Any>(value, collected) {
        fun clean() {
            if (waiting.remove(this)) task.run()
        }
    }
}
