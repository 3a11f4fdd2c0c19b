package dev.tinycounter

import dev.tinycounter.internal.TestClock as CoreClock
import java.time.Instant
import kotlin.time.Duration

/**
 * A clock for tests. It stands still until it is set or advanced. Pass it to [EventStore.open] or
 * [EventStore.inMemory].
 *
 * [advance] stands for time that passes, setting [now] for a correction of the clock. After the
 * clock went back by more than 15 minutes, a store treats the two differently: it moves what it
 * counted since then by a correction, and not by time that passed.
 *
 * @throws EventStoreException.InvalidArgument for a time outside the years 1 to 9999
 */
public class TestClock(now: Instant) {
    internal val core: CoreClock = translated { CoreClock(now.unixMillis()) }

    /**
     * The time that the clock shows, to the millisecond. It may be set back.
     *
     * @throws EventStoreException.InvalidArgument when it is set outside the years 1 to 9999
     */
    public var now: Instant
        get() = Instant.ofEpochMilli(translated { core.now() })
        set(value) = translated { core.set(value.unixMillis()) }

    /**
     * Moves the clock by [duration]. A negative duration moves it back, which is a correction. A
     * store reads a time outside the years 1 to 9999 as the nearest one inside them.
     *
     * @throws EventStoreException.InvalidArgument for more than 10,000 years in either direction
     */
    public fun advance(duration: Duration): Unit = translated { core.advance(duration.roundedMillis()) }
}
