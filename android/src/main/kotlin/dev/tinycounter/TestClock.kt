package dev.tinycounter

import dev.tinycounter.internal.TestClock as CoreClock
import java.time.Instant
import kotlin.time.Duration

/** A clock for tests: it stands still until it is moved. Hand it to [EventStore.open] or [EventStore.inMemory]. */
public class TestClock(now: Instant) {
    internal val core: CoreClock = translated { CoreClock(now.unixMillis()) }

    /** What the clock shows. It may be set forwards or back, within the years 1 to 9999. */
    public var now: Instant
        get() = Instant.ofEpochMilli(translated { core.now() })
        set(value) = translated { core.set(value.unixMillis()) }

    /** Moves the clock by [duration], back if it is negative. */
    public fun advance(duration: Duration): Unit = translated { core.advance(duration.inWholeMilliseconds) }
}
