package dev.tinycounter

/** Actions that wait for a store. */
internal class WaitingActions(private val onFailure: (EventStoreException) -> Unit) {
    private val waiting = ArrayDeque<(EventStore) -> Unit>()
    private var hasDropped = false
    private var isOver = false

    /** Returns false if nothing waits any more: [action] is not kept then. */
    fun keep(action: (EventStore) -> Unit): Boolean {
        val isFirstDropped = synchronized(this) {
            if (isOver) return false
            if (waiting.size < MAX) {
                waiting += action
                return true
            }
            !hasDropped.also { hasDropped = true }
        }
        if (isFirstDropped) onFailure(EventStoreException.Unavailable("$MAX actions wait for the store already; further ones are dropped", null))
        return true
    }

    /** Calls all actions in their order, also those that come meanwhile. Then nothing waits. */
    fun callAll(store: EventStore) {
        try {
            while (true) {
                val action = next() ?: return
                try {
                    action(store)
                } catch (error: EventStoreException) {
                    onFailure(error)
                }
            }
        } finally {
            // Also if an action threw something else, which ends the thread.
            end()
        }
    }

    @Synchronized
    private fun next(): ((EventStore) -> Unit)? = waiting.removeFirstOrNull().also { if (it == null) isOver = true }

    /** Nothing waits any more, and what waited is dropped. */
    @Synchronized
    fun end() {
        isOver = true
        waiting.clear()
    }

    private companion object {
        const val MAX = 1_024
    }
}
