import dev.tinycounter.EventStore

/** One device of a person. A transport of the app carries the bytes. Call it on a background thread. */
class Device(private val store: EventStore) {
    /** The first message to a device of which nothing is known: all counts. */
    fun everything(): ByteArray = store.export()

    /** What the other device sends along, so that the answer has only what it lacks. */
    fun whatIKnow(): ByteArray = store.knowledge()

    fun answerTo(knowledge: ByteArray): ByteArray = store.export(since = knowledge)

    /** Takes a message, in any order and any number of times. Returns how many events changed. */
    fun receive(message: ByteArray): Int = store.merge(message).eventsChanged
}
