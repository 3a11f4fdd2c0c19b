package dev.tinycounter

import dev.tinycounter.internal.Event as CoreEvent

/**
 * A handle for one event that is recorded often. Holding it keeps the store from being collected,
 * not from being closed.
 */
public class Event internal constructor(
    private val core: CoreEvent,
    /** The event's name. */
    public val name: String
) {
    private val number: Long = core.number()

    /**
     * Records that the event happened [count] times now, as [EventStore.record] does. On a closed
     * store nothing is counted and a warning is logged.
     *
     * @throws EventStoreException.InvalidArgument if [count] is negative
     */
    @JvmOverloads
    public fun record(count: Int = 1) {
        // If the symbol records nothing, the bindings throw the reason. The possible call also
        // keeps the handle from being freed meanwhile.
        if (Direct.tiny_counter_record(number, count.toLong()) == 0) translated { core.record(count.toLong()) }
    }

    override fun toString(): String = "Event($name)"
}
