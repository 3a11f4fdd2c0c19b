package dev.tinycounter

import dev.tinycounter.internal.Event as CoreEvent

/** One event of a store, for events that are recorded often. It keeps its store in memory, but does not keep it open. */
public class Event internal constructor(
    private val core: CoreEvent,
    /** The event's name. */
    public val name: String
) {
    private val number: Long = core.number()

    /**
     * Records that the event happened [count] times now, as [EventStore.record] does.
     *
     * @throws EventStoreException.InvalidArgument if [count] is negative
     */
    @JvmOverloads
    public fun record(count: Int = 1) {
        // Where the symbol does nothing the bindings say why. That they may be called also keeps the handle from being let go of meanwhile.
        if (Direct.tiny_counter_record(number, count.toLong()) == 0) translated { core.record(count.toLong()) }
    }

    override fun toString(): String = "Event($name)"
}
