package dev.tinycounter

/**
 * A question that was checked once and can be asked any number of times, from any thread: see
 * [EventStore.prepareQuestion].
 */
public class PreparedQuestion<out T> internal constructor(private val store: EventStore, private val question: Question<T>) {
    private val asked = translated { AskedQuestion(store.core.prepareQuestion(question.core)) }

    /**
     * The answer now. If the storage cannot be read, it comes from memory and [EventStore.health]
     * reports it.
     *
     * @throws EventStoreException.Closed if the store is closed
     */
    public fun ask(): T {
        store.renewZoneIfLeft()
        return translated { question.ask(asked) }
    }
}
