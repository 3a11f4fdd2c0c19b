package dev.tinycounter

/** Collects the rules of a [Limiter], and what it records: see [EventStore.limit]. */
public class LimitBuilder internal constructor(event: String) : RulesBuilder(event) {
    private val also = mutableListOf<String>()

    /**
     * Records [event] once whenever the limit's event is recorded, in the same step: by
     * [Limiter.checkAndRecord], and when a reservation is committed. A reservation reserves both.
     * So a cap for one kind of message and a cap for all messages cannot race. At most 8 events,
     * none of them twice, and none of them the limit's event; otherwise [EventStore.limit] throws
     * [EventStoreException.InvalidArgument].
     */
    public fun alsoRecord(event: String) {
        also += event
    }

    internal fun limit() = Limit(rules(), also.toList())
}
