package dev.tinycounter

import dev.tinycounter.internal.Occurrence as CoreOccurrence
import java.time.Instant

/** [event] happened [count] times at [at]: for [Limiter.rehearse] and
 * [EventStore.importOnce]. [count] is 0 or more. */
public data class Occurrence
@JvmOverloads
constructor(val event: String, val at: Instant, val count: Long = 1) {
    internal constructor(core: CoreOccurrence) : this(core.event, Instant.ofEpochMilli(core.unixMillis), core.count)

    internal fun core(): CoreOccurrence = CoreOccurrence(event, at.unixMillis(), count)
}
