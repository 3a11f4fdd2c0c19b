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
     * call. The constructor is public for functions that an app or an artefact adds to the API.
     */
    public class InvalidArgument(message: String, event: String?) : EventStoreException(message, event, null)

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
        public val place: String
    ) : EventStoreException(message, null, null)

    /**
     * The storage cannot be used at the moment: it is locked, or another store has it open. Try
     * again later.
     */
    public class Unavailable internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /**
     * The storage failed: there is no space left, or the disk is broken. Counts are still in
     * memory.
     */
    public class Storage internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /**
     * A decision was made and counts, but it could not be written: the limit allowed the event, the
     * reservation was committed or cancelled, or [EventStore.recordNow] recorded. Go on as after
     * success. The end of the process loses it, unless a later write succeeds: the store tries
     * again in the background and with each [EventStore.persist].
     */
    public class NotWritten internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /**
     * The stored reservation has expired without being committed. Nothing was recorded. Reserve
     * again.
     */
    public class ReservationExpired internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /**
     * The data is damaged, this library did not write it, or it is not sealed with one of the
     * store's [SyncKeys]. Fetch it again from its source.
     */
    public class Corrupt internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /** A newer version of this library wrote the data. Update the app. */
    public class Incompatible internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /** The data is sealed with a sync key, and the store has none. Open the store with [SyncKeys]. */
    public class SyncKeyRequired internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /** The store is closed. Open it again. */
    public class Closed internal constructor(message: String, event: String?) : EventStoreException(message, event, null)

    /**
     * The native library `tiny_counter` is missing, cannot be loaded, or was built for another
     * version of this code. Change the build of the app. Every call fails like this until then.
     */
    public class NativeLibrary internal constructor(message: String, cause: Throwable?) : EventStoreException(message, null, cause)

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
} catch (error: LinkageError) {
    throw Library.failure(error)
}

// The exception of the bindings is no cause: it has the same text and the same stack.
internal fun CoreException.translated(): EventStoreException = when (this) {
    is CoreException.InvalidArgument -> EventStoreException.InvalidArgument(reason, event)
    is CoreException.InvalidRules -> EventStoreException.InvalidRules(reason, place)
    is CoreException.Unavailable -> EventStoreException.Unavailable(reason, event)
    is CoreException.Storage -> EventStoreException.Storage(reason, event)
    is CoreException.NotWritten -> EventStoreException.NotWritten(reason, event)
    is CoreException.ReservationExpired -> EventStoreException.ReservationExpired(reason, event)
    is CoreException.Corrupt -> EventStoreException.Corrupt(reason, event)
    is CoreException.Incompatible -> EventStoreException.Incompatible(reason, event)
    is CoreException.SyncKeyRequired -> EventStoreException.SyncKeyRequired(reason, event)
    is CoreException.Closed -> EventStoreException.Closed(reason, event)
}
