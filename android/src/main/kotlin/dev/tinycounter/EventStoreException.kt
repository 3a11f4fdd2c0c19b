package dev.tinycounter

import dev.tinycounter.internal.EventStoreException as CoreException
import dev.tinycounter.internal.InternalException

/**
 * Why a call failed, by what the app can do. Nothing is changed by a call that fails, except where it says so. That a
 * limit refuses is no failure: see [Decision].
 */
public sealed class EventStoreException(
    message: String,
    /** The event concerned, where there is one. */
    public val event: String?,
    cause: Throwable?
) : RuntimeException(message, cause) {
    /** An argument out of its bounds, or a question that the tracked units cannot answer: change the call. */
    public class InvalidArgument internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** Not possible at the moment, because storage is locked or in use: try again later. */
    public class Unavailable internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** The storage failed: no space left, or a broken disk. What was counted is still in memory. */
    public class Storage internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** Data that is damaged or not of this library: get it anew from where it was made. */
    public class Corrupt internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** Data of a newer version of this library: update the app. */
    public class Incompatible internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** The store was closed: open it again. */
    public class Closed internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** A mistake inside this library: please report it. What was counted before is still there. */
    public class Unexpected internal constructor(message: String, cause: Throwable?) : EventStoreException(message, null, cause)
}

/** Runs [call] and gives its failure the form that apps see. */
internal inline fun <T> translated(call: () -> T): T = try {
    call()
} catch (error: CoreException) {
    throw error.translated()
} catch (error: InternalException) {
    throw EventStoreException.Unexpected(error.message ?: "the library failed and does not say how", error)
}

internal fun CoreException.translated(): EventStoreException = when (this) {
    is CoreException.InvalidArgument -> EventStoreException.InvalidArgument(reason, event, this)
    is CoreException.Unavailable -> EventStoreException.Unavailable(reason, event, this)
    is CoreException.Storage -> EventStoreException.Storage(reason, event, this)
    is CoreException.Corrupt -> EventStoreException.Corrupt(reason, event, this)
    is CoreException.Incompatible -> EventStoreException.Incompatible(reason, event, this)
    is CoreException.Closed -> EventStoreException.Closed(reason, event, this)
}
