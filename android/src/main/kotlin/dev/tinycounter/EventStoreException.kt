package dev.tinycounter

import dev.tinycounter.internal.EventStoreException as CoreException
import dev.tinycounter.internal.InternalException

/**
 * Why a call failed, sorted by what the caller can do about it. A call that fails changes nothing,
 * unless its documentation says otherwise. A limit that refuses is not an error: see [Decision].
 */
public sealed class EventStoreException(
    message: String,
    /** The event concerned; null if there is none. */
    public val event: String?,
    cause: Throwable?
) : RuntimeException(message, cause) {
    /**
     * An argument is out of bounds, or the tracked units do not reach back far enough. Change the
     * call.
     */
    public class InvalidArgument internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /**
     * A rule document does not have the form of `docs/rules.md`, or a limit has no such form.
     * Change the document or the limit. The message says what was expected and what was found.
     */
    public class InvalidRules internal constructor(
        message: String,
        /**
         * The place of what is wrong, as a JSON pointer (RFC 6901): `/limits/review/all/2/within`.
         * Empty for the document as a whole, and for text that is not JSON.
         */
        public val place: String,
        cause: Throwable?
    ) : EventStoreException(message, null, cause)

    /**
     * The storage cannot be used at the moment: it is locked, or another store has it open. Try
     * again later.
     */
    public class Unavailable internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /**
     * The storage failed: there is no space left, or the disk is broken. Counts are still in
     * memory.
     */
    public class Storage internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /**
     * The data is damaged, this library did not write it, or it is not sealed with one of the
     * store's [SyncKeys]. Fetch it again from its source.
     */
    public class Corrupt internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** A newer version of this library wrote the data. Update the app. */
    public class Incompatible internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** The data is sealed with a sync key, and the store has none. Open the store with [SyncKeys]. */
    public class SyncKeyRequired internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** The store is closed. Open it again. */
    public class Closed internal constructor(message: String, event: String?, cause: Throwable?) :
        EventStoreException(message, event, cause)

    /** A bug in this library. Please report it. Counts recorded before are still there. */
    public class Unexpected internal constructor(message: String, cause: Throwable?) : EventStoreException(message, null, cause)
}

/** Runs [call] and translates the errors of the bindings. */
internal inline fun <T> translated(call: () -> T): T = try {
    call()
} catch (error: CoreException) {
    throw error.translated()
} catch (error: InternalException) {
    throw EventStoreException.Unexpected(error.message ?: "the library failed without a message", error)
}

internal fun CoreException.translated(): EventStoreException = when (this) {
    is CoreException.InvalidArgument -> EventStoreException.InvalidArgument(reason, event, this)
    is CoreException.InvalidRules -> EventStoreException.InvalidRules(reason, place, this)
    is CoreException.Unavailable -> EventStoreException.Unavailable(reason, event, this)
    is CoreException.Storage -> EventStoreException.Storage(reason, event, this)
    is CoreException.Corrupt -> EventStoreException.Corrupt(reason, event, this)
    is CoreException.Incompatible -> EventStoreException.Incompatible(reason, event, this)
    is CoreException.SyncKeyRequired -> EventStoreException.SyncKeyRequired(reason, event, this)
    is CoreException.Closed -> EventStoreException.Closed(reason, event, this)
}
