package dev.tinycounter

import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withTimeoutOrNull

// Changes and answers as flows. They are an artefact of their own, which depends on
// kotlinx-coroutines, so they use only what is public in the others.

/**
 * What changes from now on, as a cold flow: see [EventStore.onChange]. What changes while the
 * collector works is put together, so that a burst of recordings is one element. The flow has no
 * end.
 */
public fun EventStore.changes(): Flow<Changed> = flow {
    val waiting = AtomicReference<Changed>()
    val signal = Channel<Unit>(Channel.CONFLATED)
    val listener = onChange { changed ->
        waiting.accumulateAndGet(changed) { earlier, later -> earlier?.plus(later) ?: later }
        signal.trySend(Unit)
    }
    listener.use {
        for (ignored in signal) waiting.getAndSet(null)?.let { emit(it) }
    }
}

/**
 * The sum of [event] over a range, as a cold flow: `store.sumFlow("app_launch") { lastDays(7) }`.
 * The rules are those of [valueFlow], the values those of [RangeQuery.sum].
 */
public fun EventStore.sumFlow(
    event: String,
    every: Duration = 1.minutes,
    dispatcher: CoroutineDispatcher = Dispatchers.Default,
    range: Ranges<BatchRange>.() -> BatchRange
): Flow<Long?> = answerFlow(every, dispatcher) { event(event).range().sum() }

/** [sumFlow] of a typed event. */
public fun EventStore.sumFlow(
    event: EventName,
    every: Duration = 1.minutes,
    dispatcher: CoroutineDispatcher = Dispatchers.Default,
    range: Ranges<BatchRange>.() -> BatchRange
): Flow<Long?> = sumFlow(event.eventName, every, dispatcher, range)

/**
 * The answers to a question, as a cold flow:
 * `store.answerFlow { event("app_launch").lastDays(28).countNonzero() }`. The question is prepared
 * when the flow is collected: see [EventStore.prepareQuestion]. The rules are those of [valueFlow].
 */
public fun <T> EventStore.answerFlow(
    every: Duration = 1.minutes,
    dispatcher: CoroutineDispatcher = Dispatchers.Default,
    question: Batch.() -> Answer<T>
): Flow<T> = values(every, dispatcher) {
    val prepared = prepareQuestion(question)
    prepared::ask
}

/**
 * What [ask] returns, as a cold flow: `store.valueFlow { prompt.isAllowed() }`.
 *
 * The value at the beginning comes first. Then [ask] is called after each change of the store, and
 * again after the time [every], because time that passes alters answers too: at midnight `today()`
 * begins at 0. Equal values in succession are one. If the collector is slower than the changes, it
 * gets the latest value only. When the collector is cancelled, the store is no longer watched.
 *
 * What [ask] throws ends the flow: [EventStoreException.Closed] for most questions to a closed
 * store.
 *
 * @param every after how long without a change [ask] is called again; [Duration.INFINITE]: never
 * @param dispatcher where [ask] is called. With a test dispatcher the time [every] is virtual
 * @throws EventStoreException.InvalidArgument if [every] is not positive
 */
public fun <T> EventStore.valueFlow(
    every: Duration = 1.minutes,
    dispatcher: CoroutineDispatcher = Dispatchers.Default,
    ask: EventStore.() -> T
): Flow<T> = values(every, dispatcher) { { ask() } }

private fun <T> EventStore.values(every: Duration, dispatcher: CoroutineDispatcher, prepare: () -> () -> T): Flow<T> {
    if (!every.isPositive()) throw EventStoreException.InvalidArgument("the time between two questions must be positive, not $every", null)
    val asked = flow {
        val signal = Channel<Unit>(Channel.CONFLATED)
        // Before the first question, so that no change is missed.
        onChange { signal.trySend(Unit) }.use {
            val ask = prepare()
            while (true) {
                emit(ask())
                withTimeoutOrNull(every) { signal.receive() }
            }
        }
    }
    return asked.conflate().flowOn(dispatcher).distinctUntilChanged()
}
