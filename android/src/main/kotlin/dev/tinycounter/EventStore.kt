package dev.tinycounter

import dev.tinycounter.internal.EventStore as CoreStore
import java.io.File
import java.time.Instant
import java.time.ZoneId
import kotlin.time.Duration

/**
 * Counts events on the device and answers questions about them.
 *
 * Open one store for each directory, keep it for as long as the process lives, and use it from any thread.
 * Recording and asking touch memory only; what waits for the disk says so and has a suspending form
 * ([awaitPersist] and its like).
 *
 * ```
 * val store = EventStore.open(File(context.noBackupFilesDir, "counts"))
 * store.record("app_launch")
 * val thisWeek = store.query("app_launch").lastDays(7).sum()
 * ```
 *
 * What is wrong with a call or with the storage comes as an [EventStoreException].
 */
public class EventStore private constructor(internal val core: CoreStore) : AutoCloseable {
    /**
     * Records that [event] happened [count] times now. It never waits for the disk, unless the store was opened
     * with [Writes.INLINE]. A count of 0 makes the event known. On a closed store nothing is counted.
     *
     * @throws EventStoreException.InvalidArgument if [count] is negative
     */
    @JvmOverloads
    public fun record(event: String, count: Int = 1): Unit = translated { core.record(event, count.toLong()) }

    /**
     * Records that [event] happened [count] times at [instant]. A unit whose buckets do not reach back that far does
     * not count it; the event is known all the same.
     *
     * @throws EventStoreException.InvalidArgument if [instant] lies more than a minute ahead or outside of the years
     * 1 to 9999, if [count] is negative, or if the name has more than 1,024 bytes
     * @throws EventStoreException.Closed if the store was closed
     */
    @JvmOverloads
    public fun recordAt(event: String, instant: Instant, count: Int = 1): Unit =
        translated { core.recordAt(event, count.toLong(), instant.unixMillis()) }

    /**
     * Records that [event] happened [count] times, [ago] before now, as [recordAt] does.
     *
     * @throws EventStoreException.InvalidArgument if [ago] is negative or beyond 10,000 years, or [count] negative
     */
    public fun recordAgo(event: String, ago: Duration, count: Int = 1): Unit =
        translated { core.recordAgo(event, count.toLong(), ago.inWholeMilliseconds) }

    /**
     * A handle on the event [name], for events that are recorded often: the name is not handed over with every call.
     *
     * @throws EventStoreException.InvalidArgument if the name has more than 1,024 bytes
     */
    public fun event(name: String): Event = translated { Event(core.event(name), name) }

    /** Begins a question about [event]; with further events about all of them together, as if they were one. */
    public fun query(event: String, vararg further: String): Query = Query(this, listOf(event, *further))

    /** Begins a question about how often [numerator] happened for each [denominator]: `ratio("bought", "seen").lastDays(28)`. */
    public fun ratio(numerator: String, denominator: String): Ranges<Double?> =
        Ranges { range -> ask(Questions.ratio(numerator, denominator, range)) }

    /** Begins a question about by how much [positive] exceeds [negative]: `delta("added", "removed").ever().sum()`. */
    public fun delta(positive: String, negative: String): Ranges<DeltaQuery> =
        Ranges { range -> DeltaQuery(this, positive, negative, range) }

    /**
     * Asks several questions at one instant, so that their answers fit together.
     *
     * ```
     * val stats = store.query {
     *     object {
     *         val launches by event("app_launch").lastDays(7).sum()
     *         val crashRate by ratio("crash", "app_launch").lastDays(28)
     *     }
     * }
     * println("${stats.launches} launches, ${stats.crashRate} crashes for each")
     * ```
     *
     * @throws EventStoreException.InvalidArgument for a negative number or length of time
     * @throws EventStoreException.Closed if the store was closed
     */
    public fun <R> query(questions: Batch.() -> R): R {
        val batch = Batch()
        val result = batch.questions()
        batch.answer(this)
        return result
    }

    /**
     * A limit on [event]: rules that must all hold for it to happen. Nothing is asked of the store before one of the
     * limit's functions is called, so a limit can be kept and used again.
     *
     * ```
     * val prompt = store.limit("review_prompt") {
     *     atMost(1, 7.days)
     *     atLeast("app_launch", 3, 28.days)
     *     cooldown("crash", 2.days)
     * }
     * if (prompt.checkAndRecord().isAllowed) askForReview()
     * ```
     */
    public fun limit(event: String, rules: LimitBuilder.() -> Unit): Limit = limit(event, LimitBuilder(event).apply(rules).rules())

    /** A limit on [event] from [rules] that were made elsewhere. */
    public fun limit(event: String, rules: List<Rule>): Limit = Limit(this, event, rules)

    /**
     * Records what is missing to the one of two events that happened less often, over all buckets of the longest tracked unit, so that
     * their [delta] is 0. Reading and recording are one step.
     */
    public fun balance(positive: String, negative: String): Unit = translated { core.balanceDelta(positive, negative) }

    /**
     * Saves what changed, and returns when it survives a loss of power. It waits for the disk: see [awaitPersist].
     * Recordings survive the end of the process without it.
     *
     * @throws EventStoreException what hinders saving; what was not saved stays [isDirty]
     */
    public fun persist(): Unit = translated { core.persist() }

    /** Whether anything changed since the last [persist]. */
    public val isDirty: Boolean get() = core.isDirty()

    /**
     * Everything, in one piece, for [mergeBytes] on another device. The bytes hold names and counts in clear. What is
     * exported is saved first, so it waits for the disk: see [awaitExport].
     *
     * @param since what [knowledge] of the store that will take it in gave: only what is new there is then exported
     * @throws EventStoreException an event that cannot be read or saved, or an unreadable [since]
     */
    @JvmOverloads
    public fun exportBytes(since: ByteArray? = null): ByteArray =
        translated { if (since == null) core.exportBytes() else core.exportSince(since) }

    /** What this store knows of its own and all other counts, for [exportBytes] of another store. */
    public fun knowledge(): ByteArray = translated { core.knowledge() }

    /**
     * Takes in what [exportBytes] of another store gave. What is known already is not counted again, whatever the order
     * and however often. It may read the disk: see [awaitMerge].
     *
     * @throws EventStoreException.Corrupt if the bytes are damaged or no export
     * @throws EventStoreException.Incompatible if a newer version of this library made them
     */
    public fun mergeBytes(bytes: ByteArray): MergeReport = translated { MergeReport(core.mergeBytes(bytes)) }

    /** The names of all events that are known. */
    public val events: List<String> get() = core.events()

    /**
     * Erases [event], here and on every device that takes in an export of this store later. It waits for the disk: see [awaitErase].
     *
     * @return whether it was known
     */
    public fun erase(event: String): Boolean = translated { core.eraseEvent(event) }

    /**
     * Erases everything, here and on every device that takes in an export of this store later. It waits for the disk: see [awaitEraseAll].
     *
     * @return how many events were known
     */
    public fun eraseAll(): Int = translated { core.eraseAll().toInt() }

    /** What is wrong with the store, if anything. */
    public val health: Health get() = Health(core.health())

    /** Says that the app knows of the losses that [health] reports: they are no longer reported. It waits for the disk. */
    public fun acknowledgeLoss(): Unit = translated { core.acknowledgeLoss() }

    /**
     * Counts days by the rules of [zone] from now on; call it when the system's zone changes (on Android `attachTo` does).
     * What was recorded keeps its date.
     */
    @JvmOverloads
    public fun setZone(zone: ZoneId = ZoneId.systemDefault()): Unit =
        translated { core.setZone(zoneTable(zone, Instant.ofEpochMilli(core.now()))) }

    /** The units that are counted, each with the number of its buckets. */
    public val tracking: Map<TimeUnit, Int>
        get() = core.trackedUnits().associate { TimeUnit.of(it.unit) to it.buckets.toInt() }

    /** The bytes held for events in memory. */
    public val memoryUsage: Long get() = core.memoryUsage()

    /**
     * Saves what changed and closes the store, so that its directory can be opened again. It waits for the disk. Closing again does
     * nothing. An app need not close its store when it ends.
     *
     * @throws EventStoreException what hinders saving; the store is closed all the same
     */
    override fun close(): Unit = translated { core.shutdown() }

    internal fun <T> ask(question: Question<T>): T = question.read(translated { core.query(listOf(question.core)) }.single())

    public companion object {
        /**
         * Opens the store that is kept in [directory], which is made if there is none. It reads the disk, usually for
         * less than a few milliseconds: see [awaitOpen].
         *
         * Damaged files do not hinder it: [health] tells what was lost.
         *
         * @param tracking the units that are counted, each with the number of its buckets (1 to 100,000); empty: 60
         * minutes, 72 hours, 56 days, 52 weeks, 12 months, 4 years
         * @param zone the time zone by which days are counted
         * @param clock where the time comes from instead of the system, for tests
         * @throws EventStoreException.InvalidArgument if [tracking] cannot be
         * @throws EventStoreException.Unavailable if the directory cannot be read now or this process has it open already
         * @throws EventStoreException.Incompatible if a newer version of this library wrote it
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            directory: File,
            tracking: Map<TimeUnit, Int> = emptyMap(),
            writes: Writes = Writes.BACKGROUND,
            zone: ZoneId = ZoneId.systemDefault(),
            clock: TestClock? = null
        ): EventStore = translated {
            EventStore(CoreStore.open(directory.path, writes.core, options(tracking, zone, clock)))
        }

        /** A store in memory, for previews and tests. Saving it fails. The parameters are those of [open]. */
        @JvmStatic
        @JvmOverloads
        public fun inMemory(
            tracking: Map<TimeUnit, Int> = emptyMap(),
            zone: ZoneId = ZoneId.systemDefault(),
            clock: TestClock? = null
        ): EventStore = translated { EventStore(CoreStore.inMemory(options(tracking, zone, clock))) }
    }
}
