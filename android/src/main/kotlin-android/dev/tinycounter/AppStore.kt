package dev.tinycounter

import android.app.Application
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.thread
import kotlin.concurrent.withLock

/**
 * The store of an app, which is opened on a thread of its own and attached to the life of the app:
 * see [open]. Keep it as long as the process lives. All functions may be called from any thread.
 *
 * - [store] waits until the store is open.
 * - [whenOpen] never waits. It is for `Application.onCreate` and for receivers of broadcasts.
 * - [storeOrNull] never waits either. It is for code that can go on without a store.
 */
public class AppStore internal constructor(
    application: Application,
    private val onFailure: (EventStoreException) -> Unit,
    private val openStore: () -> EventStore
) : AutoCloseable {
    // The lock guards what changes.
    private val lock = ReentrantLock()
    private val hasSettled = lock.newCondition()
    private var state: State = State.Opening
    private var isAskedAgain = false

    /** The text of the last failure. */
    private var failure: String? = null
    private val actions = WaitingActions(onFailure)
    private val attachment = Attachment(application, onFailure, ::tryAgain)

    init {
        startOpening()
    }

    /**
     * The store. If it is not open yet, this waits until it is, or until that failed. That takes
     * some milliseconds from the start of the process, so the first activity finds it open.
     *
     * A failed opening is tried again when the device is unlocked, when the app comes to the
     * screen, and once a minute while no activity is started. Until then each call throws its
     * error. The `onFailure` of [open] gets an error that repeats only once.
     *
     * @throws EventStoreException.Unavailable if the device was not unlocked since it started, in
     * another process than the main one, and if the files cannot be used now
     * @throws EventStoreException.Closed after [close]
     * @throws EventStoreException for everything else that [EventStore.open] throws
     */
    public val store: EventStore
        get() = lock.withLock {
            while (state == State.Opening) hasSettled.awaitUninterruptibly()
            when (val state = state) {
                is State.Open -> state.store
                is State.Failed -> throw state.error
                State.Opening, State.Closed -> throw closed()
            }
        }

    /** The store if it is open, otherwise null. After [close] it is null. */
    public val storeOrNull: EventStore?
        get() = lock.withLock { (state as? State.Open)?.store }

    /**
     * Calls [action] with the store: at once if it is open, otherwise on the thread that opens it,
     * in the order of these calls. What [action] records has the time at which [action] runs.
     *
     * If the opening fails, [action] waits for the next one, as long as the process lives: see
     * [store]. At most 1,024 actions wait. A further one is dropped; the first such one is passed
     * to the `onFailure` of [open]. After [close] nothing is called.
     *
     * An [EventStoreException] that an action throws after it waited is passed to `onFailure` too.
     */
    public fun whenOpen(action: (EventStore) -> Unit) {
        if (!actions.keep(action)) storeOrNull?.let(action)
    }

    /**
     * Closes the store and detaches it from the app. It waits for the disk, but not for an opening:
     * a store that is being opened is closed by the thread that opens it.
     *
     * @throws EventStoreException if the storage cannot be written; the store is closed in any case
     */
    override fun close() {
        val opened = lock.withLock {
            val opened = storeOrNull
            state = State.Closed
            hasSettled.signalAll()
            opened
        }
        actions.end()
        attachment.close()
        opened?.close()
    }

    /** Opens the store if that failed before. */
    private fun tryAgain() = lock.withLock {
        when (state) {
            // The opening may have found the device locked just before it was unlocked.
            State.Opening -> isAskedAgain = true

            is State.Failed -> {
                state = State.Opening
                startOpening()
            }

            is State.Open, State.Closed -> Unit
        }
    }

    /** The main thread may wait for this thread, so its priority is not low. */
    private fun startOpening() {
        thread(isDaemon = true, name = "tiny-counter-open", priority = Thread.NORM_PRIORITY) {
            do {
                val isOver = tryOnce()
            } while (!isOver)
        }
    }

    /** Opens the store. Returns false if that failed and has to be tried again at once. */
    private fun tryOnce(): Boolean {
        val opened = try {
            openStore()
        } catch (error: EventStoreException) {
            return endFailed(error)
        } catch (error: Throwable) {
            // Otherwise those that wait for the store would wait for ever.
            return endFailed(EventStoreException.Unexpected("the store could not be opened: $error", error))
        }
        val isWanted = lock.withLock {
            val isWanted = state == State.Opening
            if (isWanted) {
                attachment.attach(opened)
                state = State.Open(opened)
                hasSettled.signalAll()
            }
            isWanted
        }
        if (isWanted) actions.callAll(opened) else closeUnwanted(opened)
        return true
    }

    private fun closeUnwanted(opened: EventStore) {
        try {
            opened.close()
        } catch (error: EventStoreException) {
            onFailure(error)
        }
    }

    /** Returns false if the opening has to be tried again at once. */
    private fun endFailed(error: EventStoreException): Boolean {
        val isNew = lock.withLock {
            if (state == State.Closed) return true
            if (isAskedAgain) {
                isAskedAgain = false
                return false
            }
            state = State.Failed(error)
            hasSettled.signalAll()
            error.message != failure.also { failure = error.message }
        }
        if (isNew) onFailure(error)
        return true
    }

    private fun closed() = EventStoreException.Closed("the store of the app was closed; open it again", null)

    private sealed interface State {
        data object Opening : State

        class Open(val store: EventStore) : State

        class Failed(val error: EventStoreException) : State

        data object Closed : State
    }
}
