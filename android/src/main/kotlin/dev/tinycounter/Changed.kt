package dev.tinycounter

import dev.tinycounter.internal.Changed as CoreChanged
import dev.tinycounter.internal.Changes as CoreChanges
import dev.tinycounter.internal.EventStore as CoreStore
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** What changed in a store since its listener was called last: see [EventStore.onChange]. */
public class Changed(
    /** The names of the events that changed, at most 64. Null if any event may have changed. */
    public val events: List<String>?
) {
    internal constructor(core: CoreChanged) : this((core as? CoreChanged.Events)?.names)

    /**
     * Whether answers about [event] can be others than before. An answer about the time since a
     * marker can also be another one if the marker is concerned.
     */
    public fun concerns(event: String): Boolean = events?.contains(event) ?: true

    /** [concerns] of a typed event. */
    public fun concerns(event: EventName): Boolean = concerns(event.eventName)

    /** This and what changed [later] as one, for a listener that collects changes. */
    public operator fun plus(later: Changed): Changed {
        val both = LinkedHashSet(events ?: return this)
        both += later.events ?: return later
        return Changed(if (both.size <= MAX_NAMES) both.toList() else null)
    }

    override fun equals(other: Any?): Boolean = other is Changed && events == other.events

    override fun hashCode(): Int = events.hashCode()

    override fun toString(): String = events?.let { "changed: $it" } ?: "any event may have changed"

    private companion object {
        const val MAX_NAMES = 64
    }
}

/** Those who listen to the changes of a store. One thread calls all of them. It runs while there are any. */
internal class Listeners(private val core: CoreStore) {
    private val all = CopyOnWriteArrayList<Listener>()

    /** What the thread waits for; null without a thread. */
    private var changes: CoreChanges? = null

    private inner class Listener(val call: (Changed) -> Unit) : AutoCloseable {
        override fun close() = remove(this)
    }

    @Synchronized
    fun add(call: (Changed) -> Unit): AutoCloseable {
        val listener = Listener(call)
        if (changes == null) changes = translated { core.changes() }.also(::start)
        all += listener
        return listener
    }

    @Synchronized
    private fun remove(listener: Listener) {
        all -= listener
        if (all.isEmpty()) {
            changes?.end()
            changes = null
        }
    }

    private fun start(changes: CoreChanges) {
        thread(isDaemon = true, name = "tiny-counter changes") {
            while (true) {
                val changed = Changed(changes.next() ?: break)
                all.forEach { call(it, changed) }
            }
        }
    }

    private fun call(listener: Listener, changed: Changed) {
        try {
            listener.call(changed)
        } catch (error: Throwable) {
            // The others have to learn of it too.
            error.printStackTrace()
        }
    }
}
