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
 * Recording never waits for the disk, and asking only where a question is the first about its event; what waits says so and has a
 * suspending form ([awaitPersist] and its like).
 *
 * ```
 * val store = EventStore.open(File(context.noBackupFilesDir, "counts"))
 * store.record("app_launch")
 * val thisWeek = store.query("app_launch").lastDays(7).sum()
 * ```
 *
 * What is wrong with a call or with the storage comes as an [EventStoreException].
 */
public class EventStore private constructor(internal val core: CoreStore, private var chosenZone: ZoneId?) : AutoCloseable {
    /**
     * Records that [event] happened [count] times now. It never waits for the disk, unless the store was opened
     * with [Writes.INLINE]. A count of 0 makes the event known. A name of more than 1,024 bytes in UTF-8 is not counted, nor is anything
     * on a closed store; a warning is logged.
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
     * 1 to 9999, if [count] is negative, or if the name has more than 1,024 bytes in UTF-8
     * @throws EventStoreException.Closed if the store was closed
     */
    @JvmOverloads
    public fun recordAt(event: String, instant: Instant, count: Int = 1): Unit =
        translated { core.recordAt(event, count.toLong(), instant.unixMillis()) }

    /**
     * Records that [event] happened [count] times, [ago] before now. A unit whose buckets do not reach back that far does not count it; the
     * event is known all the same. A name of more than 1,024 bytes in UTF-8 is not counted, nor is anything on a closed store; a warning is
     * logged.
     *
     * @throws EventStoreException.InvalidArgument if [ago] is negative or beyond 10,000 years, or [count] negative
     */
    public fun recordAgo(event: String, ago: Duration, count: Int = 1): Unit =
        translated { core.recordAgo(event, count.toLong(), ago.inWholeMilliseconds) }

    /**
     * A handle on the event [name], for events that are recorded often: recording by it is many times quicker than by name. Nothing is
     * recorded by this.
     *
     * @throws EventStoreException.InvalidArgument if the name has more than 1,024 bytes in UTF-8
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
     * An `object` without a name keeps its members only in a local `val`, as here. What is returned by a public function or kept in a
     * property needs a class of its own, or the [Answer]s themselves with their [Answer.value].
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
     *
     * @throws EventStoreException.InvalidArgument if a name has more than 1,024 bytes in UTF-8
     * @throws EventStoreException.Closed if the store was closed
     * @throws EventStoreException what hinders reading an event
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
    public val isDirty: Boolean get() = translated { core.isDirty() }

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

    /**
     * What this store knows of its own and all other counts, for [exportBytes] of another store.
     *
     * @throws EventStoreException.Closed if the store was closed
     */
    public fun knowledge(): ByteArray = translated { core.knowledge() }

    /**
     * Takes in what [exportBytes] of another store gave. What is known already is not counted again, whatever the order
     * and however often. It may read the disk: see [awaitMerge].
     *
     * @throws EventStoreException.Corrupt if the bytes are damaged or no export
     * @throws EventStoreException.Incompatible if a newer version of this library made them
     * @throws EventStoreException what hinders reading or saving; nothing is changed by a merge that fails
     */
    public fun mergeBytes(bytes: ByteArray): MergeReport = translated { MergeReport(core.mergeBytes(bytes)) }

    /**
     * The event of a reservation that [Limit.reserveFor] made happened: it is recorded and the reservation ends, in one step that is written before this
     * returns: see [awaitCommitReservation]. An earlier process may have made it.
     *
     * @throws EventStoreException.InvalidArgument if it was settled before or has expired; nothing is recorded then
     * @throws EventStoreException.Storage if it could not be written; it is counted then all the same
     */
    public fun commitReservation(key: Long): Unit = translated { core.commitReservation(key) }

    /**
     * The event of a reservation that [Limit.reserveFor] made did not happen: the reservation ends, which is written before this returns: see
     * [awaitCancelReservation].
     *
     * @throws EventStoreException.InvalidArgument if it was settled before or has expired
     */
    public fun cancelReservation(key: Long): Unit = translated { core.cancelReservation(key) }

    /** The reservations that [Limit.reserveFor] made, in this process or an earlier one, and that are neither settled nor expired; the oldest first. */
    public val reservations: List<HeldReservation> get() = translated { core.reservations() }.map(::HeldReservation)

    /** The names of all events that are known. */
    public val events: List<String> get() = translated { core.events() }

    /**
     * Erases [event], here and on every device that takes in an export of this store later. It waits for the disk: see [awaitErase].
     *
     * @return whether it was known
     * @throws EventStoreException what hinders saving
     */
    public fun erase(event: String): Boolean = translated { core.eraseEvent(event) }

    /**
     * Erases everything, here and on every device that takes in an export of this store later. It waits for the disk: see [awaitEraseAll].
     *
     * @return how many events were known
     * @throws EventStoreException what hinders saving
     */
    public fun eraseAll(): Int = translated { core.eraseAll().toInt() }

    /** What is wrong with the store, if anything. */
    public val health: Health get() = translated { Health(core.health()) }

    /**
     * Says that the app knows of the losses that [health] reports: they are no longer reported, and limits no longer refuse because of them.
     * It waits for the disk: see [awaitAcknowledgeLoss].
     *
     * @throws EventStoreException what hinders saving
     */
    public fun acknowledgeLoss(): Unit = translated { core.acknowledgeLoss() }

    /** The time zone by which days are counted: the one that was chosen, otherwise the system's. */
    public val zone: ZoneId
        @Synchronized get() = chosenZone ?: ZoneId.systemDefault()

    /**
     * Counts days by the rules of [zone] from now on, or with null by those of the system's zone, now and after every [renewZone]. What was
     * recorded keeps its date.
     */
    @Synchronized
    @JvmOverloads
    public fun setZone(zone: ZoneId? = null) {
        chosenZone = zone
        renewZone()
    }

    /**
     * Reads the rules of [zone] anew: call it when the system's zone changes (on Android `attachTo` does), and in a process that runs for
     * years. A zone that was chosen stays.
     */
    @Synchronized
    public fun renewZone(): Unit = translated { core.setZone(zoneTable(zone, Instant.ofEpochMilli(core.now()))) }

    /** The units that are counted, each with the number of its buckets. */
    public val tracking: Map<TimeUnit, Int>
        get() = translated { core.trackedUnits() }.associate { TimeUnit.of(it.unit) to it.buckets.toInt() }

    /** The bytes held for events in memory. */
    public val memoryUsage: Long get() = translated { core.memoryUsage() }

    /**
     * Saves what changed and closes the store, so that its directory can be opened again. It waits for the disk: see [awaitClose]. Closing again
     * does nothing. An app need not close its store when it ends.
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
         * @param zone the time zone by which days are counted; null: the system's, at every [renewZone] anew
         * @param clock where the time comes from instead of the system, for tests
         * @param identity a file that lies where backups do not go, in `noBackupFilesDir` say, for a [directory] that they do reach. It is made at the
         * first opening. Where it is missing or another store's, the directory was restored or copied: what it holds stays counted, but as
         * another device's, so that merging with the original counts nothing twice
         * @throws EventStoreException.InvalidArgument if [tracking] cannot be
         * @throws EventStoreException.Storage if the directory cannot be made or its files not be read or written
         * @throws EventStoreException.Unavailable if the directory or the [identity] cannot be read now or this process has the directory open already
         * @throws EventStoreException.Incompatible if a newer version of this library wrote it
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            directory: File,
            tracking: Map<TimeUnit, Int> = emptyMap(),
            writes: Writes = Writes.BACKGROUND,
            zone: ZoneId? = null,
            clock: TestClock? = null,
            identity: File? = null
        ): EventStore = translated {
            EventStore(CoreStore.open(directory.path, writes.core, options(tracking, zone, clock, identity)), zone)
        }

        /** A store in memory, for previews and tests. Saving it fails. The parameters are those of [open]. */
        @JvmStatic
        @JvmOverloads
        public fun inMemory(
            tracking: Map<TimeUnit, Int> = emptyMap(),
            zone: ZoneId? = null,
            clock: TestClock? = null
        ): EventStore = translated { EventStore(CoreStore.inMemory(options(tracking, zone, clock)), zone) }
    }
}
