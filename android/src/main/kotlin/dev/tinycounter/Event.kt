package dev.tinycounter

/**
 * A handle for one event that is recorded often: see [EventStore.event]. Holding it keeps the store
 * from being collected, not from being closed.
 */
public class Event internal constructor(
    private val store: EventStore,
    /** The event's name. */
    public val name: String,
    private val number: Long
) {
    /**
     * Records that the event happened [count] times now, as [EventStore.record] does. On a closed
     * store nothing is counted and a warning is logged.
     *
     * @throws EventStoreException.InvalidArgument if [count] is negative
     */
    @JvmOverloads
    public fun record(count: Int = 1) {
        // If nothing was recorded, the slow form of the call throws the reason. That it may be
        // called keeps the handle from being collected meanwhile, which would release the number.
        if (Direct.record(number, count.toLong()) != Direct.DONE) store.recordByName(name, count)
    }

    /** Starts a question about the event: see [EventStore.query]. */
    public val query: Query get() = store.query(name)

    /** Returns a limit on the event: see [EventStore.limit]. */
    public fun limit(rules: LimitBuilder.() -> Unit): Limiter = store.limit(name, rules)

    override fun toString(): String = "Event($name)"
}
