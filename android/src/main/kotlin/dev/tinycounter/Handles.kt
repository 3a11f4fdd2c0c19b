package dev.tinycounter

import dev.tinycounter.internal.EventStore as CoreStore
import dev.tinycounter.internal.UniffiCleaner
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentHashMap

/**
 * The handles of a store. A name has one handle as long as it is used. The handles of names that
 * were used last are kept, at most [MAX_KEPT].
 */
internal class Handles(private val store: EventStore, private val core: CoreStore) {
    private val kept = ConcurrentHashMap<String, Event>()
    private val used = ConcurrentHashMap<String, WeakReference<Event>>()

    /** How many names have a handle. */
    val inUse: Int get() = used.size

    /** The handle of a name that was used lately. It allocates nothing. */
    fun find(name: String): Event? = kept[name]

    /** The handle of a name. Throws what the bindings throw. */
    fun get(name: String): Event = find(name) ?: synchronized(this) {
        val handle = used[name]?.get() ?: make(name)
        // Names in use come back soon, so it is not worth a count of their uses.
        if (kept.size >= MAX_KEPT) kept.clear()
        kept[name] = handle
        handle
    }

    private fun make(name: String): Event {
        val number = core.eventNumber(name)
        val handle = Event(store, name, number)
        val reference = WeakReference(handle)
        used[name] = reference
        UniffiCleaner.register(handle, Release(number, name, reference, used))
        return handle
    }

    /** Forgets a handle that was collected. It must not refer to the handle or to the store. */
    private class Release(
        private val number: Long,
        private val name: String,
        private val reference: WeakReference<Event>,
        private val used: ConcurrentHashMap<String, WeakReference<Event>>
    ) : Runnable {
        override fun run() {
            used.remove(name, reference)
            Direct.release(number)
        }
    }

    private companion object {
        const val MAX_KEPT = 1_024
    }
}
