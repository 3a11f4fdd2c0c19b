package dev.tinycounter

import dev.tinycounter.internal.TestClock as CoreClock
import java.time.Instant
import kotlin.time.Duration

/**
 * A clock for tests. It stands still until it is set or advanced. Pass it to [EventStore.open] or
 * [EventStore.inMemory].
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
     * Moves the clock by [duration], back if it is negative.
     *
     * @throws EventStoreException.InvalidArgument for more than 10,000 years in either direction
     */
    public fun advance(duration: Duration): Unit = translated { core.advance(duration.inWholeMilliseconds) }
}
