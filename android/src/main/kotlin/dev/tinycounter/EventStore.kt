package dev.tinycounter

import dev.tinycounter.internal.EventStore as CoreStore
import dev.tinycounter.internal.EventStoreException as CoreException
import java.io.File
import java.time.Instant
import java.time.ZoneId
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration

/**
 * Counts events on the device and answers questions about them.
 *
 * Open one store for each directory and keep it as long as the process lives. All functions may be
 * called from any thread. Recording never waits for the disk. Asking waits only for the first
 * question about an event. Functions that wait say so and have a suspending version, such as
 * [awaitPersist].
 *
 * ```
 * val store = EventStore.open(File(context.noBackupFilesDir, "counts"))
 * store.record("app_launch")
 * val thisWeek = store.query("app_launch").lastDays(7).sum()
 * ```
 *
 * The name of an event is a text of at most 1,024 bytes of UTF-8. Names are compared byte by byte:
 * two that look the same and are written with other characters, such as an accented letter as one
 * character or as two, are two events. If an app makes names of what people write, it should
 * normalise them (`java.text.Normalizer`). In place of an unpaired surrogate, every function reads
 * the character U+FFFD.
 *
 * All errors are [EventStoreException]s.
 */
public class EventStore private constructor(
    private val opened: CoreStore,
    private val clock: TestClock?,
    private var chosenZone: ZoneId?,
    /** The zone of the time zone table. */
    private var tableZone: ZoneId
) : EventCounter,
    AutoCloseable {
    /** The times that the time zone table covers. */
    @Volatile
    private var tableReach: ZoneReach = ZoneReach(now())

    private val handles = Handles(this, opened)

    internal val handlesInUse: Int get() = handles.inUse

    internal val prepared = Prepared(opened)

    private val listeners = Listeners(opened)

    /**
     * What is closed with the store. On Android this is the attachment to the app. A closed store
     * has [NOTHING], so nothing is attached to it any more.
     */
    internal val attachment = AtomicReference<AutoCloseable>()

    /** The core. If the clock has left the time zone table, it gets a new one first. */
    internal val core: CoreStore
        get() {
            renewZoneIfLeft()
            return opened
        }

    /** The current time of the store's clock, to the millisecond. */
    override val now: Instant get() = Instant.ofEpochMilli(translated { core.now() })

    private fun now(): Long = clock?.now?.toEpochMilli() ?: System.currentTimeMillis()

    /**
     * Records that [event] happened [count] times now. A count of 0 makes the event known. It never
     * waits for the disk, unless the store was opened with [Writes.INLINE]. A name of more than
     * 1,024 bytes of UTF-8 is not counted, nor is anything on a closed store; a warning is logged.
     *
     * @throws EventStoreException.InvalidArgument if [count] is negative
     */
    override fun record(event: String, count: Int) {
        renewZoneIfLeft()
        val handle = handles.find(event)
        if (handle != null) handle.record(count) else recordNew(event, count)
    }

    /** Records that [event] happened once now, as the other [record] does. */
    override fun record(event: String): Unit = record(event, 1)

    private fun recordNew(event: String, count: Int) {
        val handle = try {
            handles.get(event)
        } catch (_: CoreException.InvalidArgument) {
            // A name that is too long is not counted, which is logged.
            return recordByName(event, count)
        }
        handle.record(count)
    }

    /** Passes the name. It also says why a recording by a number did nothing. */
    internal fun recordByName(event: String, count: Int): Unit = translated { core.record(event, count.toLong()) }

    /**
     * Records that [event] happened [count] times now, and returns when that survives the end of
     * the process, with everything that was recorded before. It writes to the file and does not
     * sync, so it takes some microseconds; a sync that is running on another thread comes first. In
     * a store in memory it does what [record] does.
     *
     * It is meant for what an app records last:
     *
     * ```
     * val earlier = Thread.getDefaultUncaughtExceptionHandler()
     * Thread.setDefaultUncaughtExceptionHandler { thread, error ->
     *     runCatching { store.recordNow("crash") } // nothing more can be done about a failure here
     *     earlier?.uncaughtException(thread, error)
     * }
     * ```
     *
     * @throws EventStoreException.InvalidArgument if [count] is negative, or if the name has more
     * than 1,024 bytes of UTF-8; nothing is recorded then
     * @throws EventStoreException.Closed if the store is closed; nothing is recorded then
     * @throws EventStoreException.NotWritten if the event cannot be written; it is counted then
     */
    @JvmOverloads
    public fun recordNow(event: String, count: Int = 1): Unit = translated { core.recordNow(event, count.toLong()) }

    /**
     * Records that [event] happened [count] times at [instant]. An instant up to one minute in the
     * future is read as now. A unit with n tracked buckets counts it if it lies in one of its
     * 2n + 2 newest buckets. [Query.lifetime] counts it in any case.
     *
     * @throws EventStoreException.InvalidArgument if [instant] is more than one minute in the
     * future or outside the years 1 to 9999, if [count] is negative, or if the name has more than
     * 1,024 bytes of UTF-8
     * @throws EventStoreException.Closed if the store is closed
     */
    override fun recordAt(event: String, instant: Instant, count: Int): Unit =
        translated { core.recordAt(event, count.toLong(), instant.unixMillis()) }

    /** Records that [event] happened once at [instant], as the other [recordAt] does. */
    override fun recordAt(event: String, instant: Instant): Unit = recordAt(event, instant, 1)

    /**
     * Records that [event] happened [count] times, [ago] before now. A negative duration of up to
     * one minute is read as now. A unit with n tracked buckets counts it if it lies in one of its
     * 2n + 2 newest buckets. [Query.lifetime] counts it in any case. A name of more than 1,024
     * bytes of UTF-8 is not counted, nor is anything on a closed store; a warning is logged.
     *
     * @throws EventStoreException.InvalidArgument if [ago] is more than one minute in the future or
     * longer than 10,000 years, or if [count] is negative
     */
    override fun recordAgo(event: String, ago: Duration, count: Int): Unit =
        translated { core.recordAgo(event, count.toLong(), ago.roundedMillis()) }

    /**
     * Records that a session of the app begins: see [SinceWindow.session]. It never waits for the
     * disk, unless the store was opened with [Writes.INLINE].
     */
    override fun session(): Unit = translated { core.session() }

    /**
     * Records the version of the app if [text] differs from the last text that this store recorded:
     * see [SinceWindow.appVersion]. Call it whenever the app starts. The text is kept on this
     * device only.
     *
     * @return whether it was recorded
     * @throws EventStoreException.InvalidArgument if [text] has more than 1,024 bytes of UTF-8
     * @throws EventStoreException.Unavailable if the stored version cannot be read now
     * @throws EventStoreException.Corrupt if the stored version is damaged
     * @throws EventStoreException.Closed if the store is closed
     */
    override fun appVersion(text: String): Boolean = translated { core.appVersion(text) }

    /**
     * Returns the handle for the event [name], for events that are recorded often: recording by a
     * handle does not look up the name. Nothing is recorded. A name has the same handle as long as
     * the handle is used.
     *
     * @throws EventStoreException.InvalidArgument if the name has more than 1,024 bytes of UTF-8
     */
    public fun event(name: String): Event = translated { handles.get(name) }

    /** Starts a question about one event, or about several events whose counts are added up. */
    override fun query(event: String, vararg further: String): Query = Query(this, listOfAll(event, further))

    /**
     * Starts a question about several events, whose counts are added up. An event that is in the
     * list twice counts twice. Without events every answer is null.
     */
    override fun query(events: List<String>): Query = Query(this, events.toList())

    /**
     * Starts a question for the count of [numerator] divided by that of [denominator]:
     * `ratio("bought", "seen").lastDays(28)`. The answer is null if one of the events is not known,
     * if the unit is not tracked, if no tracked unit reaches back over a rolling range, or if the
     * count of [denominator] is 0.
     */
    override fun ratio(numerator: String, denominator: String): Ranges<Double?> =
        Ranges { range -> ask(Questions.ratio(numerator, denominator, range)) }

    /**
     * Starts a question for the count of [positive] minus that of [negative]:
     * `delta("added", "removed").ever().sum()`. An event that is not known counts 0. The difference
     * over a unit that is not tracked is 0.
     */
    override fun delta(positive: String, negative: String): Ranges<DeltaQuery> =
        Ranges { range -> DeltaQuery(this, positive, negative, range) }

    /**
     * Asks several questions. All answers are for the same instant.
     *
     * ```
     * val stats = store.query {
     *     object {
     *         val launches by event("app_launch").lastDays(7).sum()
     *         val crashRate by ratio("crash", "app_launch").lastDays(28)
     *     }
     * }
     * println("${stats.launches} launches, ${stats.crashRate} crashes per launch")
     * ```
     *
     * The members of an anonymous `object` are accessible only through a local `val`, as here. To
     * return the answers from a public function or to keep them in a property, use a named class,
     * or return the [Answer]s and read [Answer.value].
     *
     * @throws EventStoreException.InvalidArgument for a negative number of units, and for a
     * duration that is negative or longer than 10,000 years
     * @throws EventStoreException.Closed if the store is closed
     */
    public fun <R> query(questions: Batch.() -> R): R {
        val batch = Batch()
        val result = batch.questions()
        batch.answer(this)
        return result
    }

    /**
     * Makes a question ready to be asked any number of times, from any thread. It is checked once,
     * and asking it passes nothing to the native library but its number.
     *
     * ```
     * val activeDays = store.prepareQuestion { event("app_launch").lastDays(28).countNonzero() }
     * println("used on ${activeDays.ask() ?: 0} of the last 28 days")
     * ```
     *
     * @param question returns the question that is prepared
     * @throws EventStoreException.InvalidArgument for a negative number of units, for a duration
     * that is negative or longer than 10,000 years, and for a name of more than 1,024 bytes of
     * UTF-8
     */
    public fun <T> prepareQuestion(question: Batch.() -> Answer<T>): PreparedQuestion<T> =
        PreparedQuestion(this, Batch().question().question)

    /**
     * Returns a limit on [event]: rules that must all pass. The limit does nothing until one of its
     * functions is called. It can be kept and used any number of times.
     *
     * ```
     * val prompt = store.limit("review_prompt") {
     *     atMost(1, 7.days)
     *     cooldown("crash", 2.days)
     *     anyOf {
     *         atLeast("app_launch", 3, 28.days)
     *         within("purchase", 24.hours)
     *     }
     * }
     * if (prompt.checkAndRecord().isAllowed) askForReview()
     * ```
     *
     * A limit that could never be asked is an error here. Whether the store is open does not
     * matter.
     *
     * @throws EventStoreException.InvalidArgument for a number out of bounds, for a window that the
     * tracked units do not reach back over or that begins with an event that is no marker of the
     * store, for more than 64 rules, for groups without rules or more than 4 deep, for what
     * [Limit.alsoRecord] does not take, and for a name of more than 1,024 bytes of UTF-8
     */
    override fun limit(event: String, rules: LimitBuilder.() -> Unit): Limiter = limit(event, LimitBuilder(event).apply(rules).limit())

    /**
     * Returns a [limit] on [event], for a limit that was made elsewhere: for several events, or
     * from [JSON][Limit.fromJson].
     *
     * ```
     * val rules = LimitSet.fromJson(text)
     * val prompt = store.limit("review_prompt", rules.getValue("review_prompt"))
     * ```
     *
     * @throws EventStoreException.InvalidArgument in the same cases as the other [limit]
     */
    override fun limit(event: String, limit: Limit): Limiter = Limiter(this, event, limit)

    /**
     * The counts of [event] on each of the tracked days, oldest first and without days on which it
     * did not happen, for [Limiter.rehearse]. Each has the instant at which its day began. Empty if
     * days are not tracked.
     *
     * @throws EventStoreException.InvalidArgument if the name has more than 1,024 bytes of UTF-8
     * @throws EventStoreException.Unavailable if the event cannot be read now
     * @throws EventStoreException.Corrupt if the event is damaged
     * @throws EventStoreException.Closed if the store is closed
     */
    public fun dailyHistory(event: String): List<Occurrence> = translated { core.dailyHistory(event) }.map(::Occurrence)

    /**
     * Adds to the event with the lower count until both are equal, over all buckets of the longest
     * tracked unit. Reading and recording are one step.
     *
     * @throws EventStoreException.InvalidArgument if a name has more than 1,024 bytes of UTF-8
     * @throws EventStoreException.Closed if the store is closed
     * @throws EventStoreException if an event cannot be read; nothing is recorded then
     */
    public fun balance(positive: String, negative: String): Unit = translated { core.balanceDelta(positive, negative) }

    /**
     * Calls [listener] after changes, until the result is closed. The artefact
     * `tiny-counter-coroutines` has flows of it: `changes`, `sumFlow` and others.
     *
     * A change is all that can alter an answer: a recording, a decision that counts, a reservation
     * and its end, a merge, an import, an erasure; for every event, another time zone, a corrected
     * clock, an acknowledged loss, [close]. Asking and [persist] are none. Time
     * that passes is none either, although it alters what `today()` returns.
     *
     * A thread of its own calls all listeners of a store, one after another, some time after the
     * change. It runs while there are any. The listener may call the store, and it may take as long
     * as it likes: no call of a store waits for it. What changes meanwhile is put together, so that
     * a burst of recordings is one call. What it throws is printed and otherwise ignored. It may be
     * called once more while the result is being closed.
     *
     * ```
     * val listener = store.onChange { changed ->
     *     if (changed.concerns("app_launch")) showLaunches()
     * }
     * ```
     */
    public fun onChange(listener: (Changed) -> Unit): AutoCloseable = listeners.add(listener)

    /**
     * Saves everything that changed since the last [persist], and removes the names of erased
     * events from the files. When it returns, that survives a power loss. Recordings survive the
     * end of the process without it. It waits for the disk: see [awaitPersist].
     *
     * @throws EventStoreException.Storage for a store in memory
     * @throws EventStoreException if the storage cannot be written; the store then stays [isDirty]
     */
    public fun persist(): Unit = translated { core.persist() }

    /**
     * Whether anything changed since the last [persist]. An erasure is a change, because [persist]
     * removes the name from the files.
     */
    public val isDirty: Boolean get() = translated { core.isDirty() }

    /**
     * Returns all events as bytes, for [merge] on another device. Without [SyncKeys] the bytes
     * hold names and counts that are not encrypted, and whoever can change them on their way can
     * add counts and erase events. Everything is saved first, so it waits for the disk: see
     * [awaitExport].
     *
     * @param since the sync state that [knowledge] of the receiving store returned: only what is
     * new to that store is exported. Null: everything
     * @throws EventStoreException.Corrupt if [since] is not a sync state, if an event is damaged,
     * or for more than 32 MiB, which no store accepts; with [SyncKeys] also if [since] is not
     * sealed, or sealed with another key
     * @throws EventStoreException.Incompatible if a newer version of this library made [since] or
     * wrote an event
     * @throws EventStoreException.SyncKeyRequired if [since] is sealed and this store has no
     * [SyncKeys]
     * @throws EventStoreException.Storage for more than 100,000 events, and if an event cannot be
     * read or saved
     * @throws EventStoreException.Unavailable if the file is locked
     * @throws EventStoreException.Closed if the store is closed
     */
    @JvmOverloads
    public fun export(since: ByteArray? = null): ByteArray =
        translated { if (since == null) core.exportBytes() else core.exportSince(since) }

    /**
     * Returns what [export] returns, in parts of about [maxBytes], for a transport that limits
     * the size of a message. Each part is merged with [merge], in any order and any number of
     * times. A part is longer than [maxBytes] if the counts of one event on one device are. Any
     * number of events fits. It waits for the disk: see [awaitExportParts].
     *
     * @param since as for [export]
     * @throws EventStoreException.InvalidArgument if [maxBytes] is negative
     * @throws EventStoreException as [export]
     */
    @JvmOverloads
    public fun exportParts(maxBytes: Int, since: ByteArray? = null): List<ByteArray> = translated {
        if (since == null) core.exportParts(maxBytes.toLong()) else core.exportPartsSince(since, maxBytes.toLong())
    }

    /**
     * Returns the sync state of this store: what it knows of all replicas. Pass it to [export]
     * or [exportParts] of another store. It may read the disk: see [awaitKnowledge].
     *
     * @throws EventStoreException.Unavailable if an event has to be read and cannot be
     * @throws EventStoreException.Corrupt if an event has to be read and is damaged
     * @throws EventStoreException.Closed if the store is closed
     */
    public fun knowledge(): ByteArray = translated { core.knowledge() }

    /**
     * Merges bytes that [export] of another store returned, or one part of [exportParts]. What
     * is known already is not counted again, in any order and any number of times. It may read the
     * disk: see [awaitMerge].
     *
     * What the other store erased is erased here too. The names stay in the files of this store
     * until the next [persist] or [close].
     *
     * @throws EventStoreException.Corrupt if the bytes are damaged or not an export, or hold more
     * than 32 MiB or 100,000 events; with [SyncKeys] also if they are not sealed, or sealed with
     * another key
     * @throws EventStoreException.Incompatible if a newer version of this library exported them
     * @throws EventStoreException.SyncKeyRequired if they are sealed and this store has no
     * [SyncKeys]
     * @throws EventStoreException.Unavailable if a stored event cannot be read now
     * @throws EventStoreException.Storage if the storage fails
     * @throws EventStoreException.Closed if the store is closed. A merge that fails changes nothing
     */
    public fun merge(bytes: ByteArray): MergeReport = translated { MergeReport(core.mergeBytes(bytes)) }

    /**
     * The replicas that this store knows: those of other devices, those of this device from before,
     * and its own one. Those without [Replica.lastSeen] come first, then the least recently seen
     * one. The own one is listed once this store has counted something in it. So it can be absent
     * after [MergeReport.restarted] until the store counts again. Events that cannot be read are
     * left out. It may read the disk: see [awaitReplicas].
     *
     * @throws EventStoreException.Unavailable if the file cannot be read now
     * @throws EventStoreException.Closed if the store is closed
     */
    public fun replicas(): List<Replica> = translated { core.replicas() }.map(::Replica)

    /**
     * Forgets replicas of devices that are not used any more, to make room for others: a store
     * takes counts of at most 1,024 other replicas, and [MergeReport.replicasRefused] says that it
     * has no room. It waits for the disk: see [awaitForgetReplicas].
     *
     * All that a forgotten replica counted is erased, here and on every device that merges a later
     * export of this store or of one that merged it. This includes what this store never heard of,
     * and what an import of the Rust API took over from it. It does not come back. If the device is
     * still used, it counts under a new identity when it hears of this; what it counts from then on
     * is merged like that of a new device.
     *
     * Forgetting a retired replica ([Replica.isRetired]) erases what this device itself counted
     * before.
     *
     * When it returns, that survives a power loss. The names of events that only forgotten replicas
     * counted stay in the files until the next [persist] or [close].
     *
     * ```
     * val limit = Instant.now() - java.time.Duration.ofDays(400)
     * val old = store.replicas().filter {
     *     // A device without a last time can still be in use.
     *     !it.isOwn && !it.isRetired && it.lastSeen?.isBefore(limit) == true
     * }
     * store.forgetReplicas(old.map { it.id })
     * ```
     *
     * @param ids those of [replicas]
     * @return how many of them were known
     * @throws EventStoreException.InvalidArgument for a text that is not an id, and for the own
     * replica; nothing is changed then
     * @throws EventStoreException.Closed if the store is closed; nothing is changed then
     * @throws EventStoreException if that cannot be written; the replicas are forgotten in memory
     * then, and the next [persist] writes that
     */
    public fun forgetReplicas(ids: List<String>): Int = translated { core.forgetReplicas(ids).toInt() }

    /**
     * Records the event of a stored reservation and ends the reservation, in one step that is
     * written before this returns: see [awaitCommitReservation]. An earlier process may have made
     * the reservation, with [Limiter.reserveFor].
     *
     * @throws EventStoreException.ReservationExpired if it has expired; nothing is changed then
     * @throws EventStoreException.InvalidArgument if it expired days ago, so that the store forgot
     * it, if it was committed or cancelled before, or if its event was erased; nothing is changed
     * then
     * @throws EventStoreException.Corrupt if the event cannot be read; nothing is changed then
     * @throws EventStoreException.Closed if the store is closed; nothing is changed then
     * @throws EventStoreException.Unavailable if the event cannot be read now; nothing is changed
     * then
     * @throws EventStoreException.NotWritten if the event cannot be written; it is counted then
     */
    public fun commitReservation(key: Long): Unit = translated { core.commitReservation(key) }

    /**
     * Ends a stored reservation without recording its event, which is written before this returns:
     * see [awaitCancelReservation].
     *
     * @throws EventStoreException in the same cases as [commitReservation]
     */
    public fun cancelReservation(key: Long): Unit = translated { core.cancelReservation(key) }

    /**
     * The pending stored reservations, made by this process or an earlier one, oldest first. Those
     * of an event that cannot be read are left out.
     */
    public val reservations: List<StoredReservation> get() = translated { core.reservations() }.map(::StoredReservation)

    /** The names of all known events, sorted by their UTF-8 bytes. */
    public val events: List<String> get() = translated { core.events() }

    /**
     * Takes over the counts of another library, of SharedPreferences for example, once. It calls
     * [read] for them, unless the counts of [key] were taken over before, and returns whether they
     * were taken over now. When it returns, they survive a power loss: the old ones may be removed.
     * It waits for the disk.
     *
     * ```
     * store.importOnce("prefs-v1") {
     *     val last = Instant.ofEpochMilli(prefs.getLong("last_launch", 0))
     *     listOf(Occurrence("launch", last, prefs.getLong("launches", 0)))
     * }
     * ```
     *
     * All counts of an [Occurrence] lie at its instant, in the bucket of every unit that holds it;
     * a cooldown counts from there. An event can occur several times, for example once for each
     * day. If it is not known when an event happened, take an instant that is the same with each
     * call, such as the date of the old file. A count of 0 is left out.
     *
     * The counts become a replica of their own, whose identity is made of the key, the names, the
     * counts and the instants. If several devices take over the same counts under one key, for
     * example those of a restored backup, these count once when the devices merge. Counts that
     * differ belong to different devices, and all of them count. If equal counts of two devices
     * have to count twice, use another key on each device.
     *
     * Recordings of the markers of sessions and versions that are taken over are those of another
     * replica too. They count, and no window of this device begins with them.
     *
     * What was erased since does not come back: neither by another call, nor on another device that
     * has merged the erasure. [eraseAll] forgets no key.
     *
     * @throws EventStoreException.InvalidArgument for an empty key, a key of more than 1,024 bytes
     * of UTF-8, more than 100,000 occurrences, an event name of more than 1,024 bytes of UTF-8, a
     * count outside 0 to 4,294,967,295, an instant outside the years 1 to 9999 or more than one
     * minute in the future, and if the counts of an event would take more than 8 MiB; nothing is
     * taken over then, as with the following errors except the last
     * @throws EventStoreException.Storage beyond 64 keys, and if the store has the counts of 1,024
     * other replicas
     * @throws EventStoreException.Unavailable if an event cannot be read now
     * @throws EventStoreException.Corrupt if the stored bytes of an event are damaged
     * @throws EventStoreException.Closed if the store is closed
     * @throws EventStoreException.NotWritten if the storage cannot be written. Answers include the
     * counts already. Keep the old ones, and call it again later: it writes what it read first
     */
    public fun importOnce(key: String, read: () -> List<Occurrence>): Boolean {
        if (translated { core.hasImported(key) }) return false
        val counts = read()
        return translated { core.importOnce(key, counts.map { it.core() }) }
    }

    /**
     * Erases [event], here and on every device that merges a later export of this store. It waits
     * for the disk: see [awaitErase]. The name stays in the files until the next [persist] or
     * [close], and in a copy of a damaged file ([Health.keptAside]) for up to 30 days;
     * [eraseEvents] removes both at once.
     *
     * @return whether it was known
     * @throws EventStoreException.InvalidArgument if the name has more than 1,024 bytes of UTF-8
     * @throws EventStoreException.Closed if the store is closed; nothing is erased then
     * @throws EventStoreException.Unavailable if the event cannot be read now, nothing is erased
     * then; or if the erasure cannot be written now, the event is erased in memory then and the
     * next [persist] writes that
     * @throws EventStoreException.Storage if the erasure cannot be written; the event is erased in
     * memory then and the next [persist] writes that
     */
    public fun erase(event: String): Boolean = translated { core.eraseEvent(event) }

    /**
     * Erases the events with these [names] in one step, all or none, here and on every device that
     * merges a later export of this store. A name may stand in the list more than once. When it
     * returns, no file of the store holds one of the names. It waits for the disk: see
     * [awaitEraseEvents].
     *
     * @return how many of them were known
     * @throws EventStoreException in the same cases as [erase]; a name of more than 1,024 bytes of
     * UTF-8 is one, and nothing is erased then
     */
    public fun eraseEvents(names: List<String>): Int = translated { core.eraseEvents(names).toInt() }

    /**
     * Erases all events, here and on every device that merges a later export of this store. When it
     * returns, no file of the store holds the name of an erased event. It waits for the disk: see
     * [awaitEraseAll].
     *
     * @return how many events were known; damaged ones are not included
     * @throws EventStoreException in the same cases as [erase]
     */
    public fun eraseAll(): Int = translated { core.eraseAll().toInt() }

    /** What is wrong with the store, if anything. */
    public val health: Health get() = translated { Health(opened.health()) }

    /**
     * Acknowledges the losses that [health] reports: they are no longer reported, and limits no
     * longer refuse because of them. The damaged data of events is given up: what was recorded
     * since, and what can be read, takes its place. Events of a newer version stay. It waits for
     * the disk: see [awaitAcknowledgeLoss].
     *
     * @throws EventStoreException if that cannot be saved
     */
    public fun acknowledgeLoss(): Unit = translated { core.acknowledgeLoss() }

    /** The time zone of days, weeks, months and years: the chosen one, otherwise the system's. */
    public val timeZone: ZoneId
        @Synchronized get() = chosenZone ?: ZoneId.systemDefault()

    /**
     * Counts days in [timeZone] from now on. Null means the system's, which every [renewTimeZone]
     * reads again. What was recorded before keeps its date.
     */
    @Synchronized
    @JvmOverloads
    public fun setTimeZone(timeZone: ZoneId? = null) {
        chosenZone = timeZone
        renewTimeZone()
    }

    /**
     * Reads the rules of [timeZone] again. Call it when the system's zone changes; on Android
     * `attachTo` does this. A chosen zone stays.
     *
     * The rules are read as a table that reaches five years back and two ahead. If the clock leaves
     * the table, the next call of the store reads them again, except [Event.record] and [health].
     */
    @Synchronized
    public fun renewTimeZone() {
        val now = now()
        val zone = timeZone
        translated { opened.setZone(zoneTable(zone, Instant.ofEpochMilli(now))) }
        tableReach = ZoneReach(now)
        tableZone = zone
    }

    internal fun renewZoneIfLeft() {
        if (now() !in tableReach) renewTimeZone()
    }

    /**
     * Reads the rules of [timeZone] if it is another one than that of the table, or if the clock has
     * left the table.
     */
    @Synchronized
    internal fun renewZoneIfChanged() {
        if (timeZone != tableZone || now() !in tableReach) renewTimeZone()
    }

    /** The tracked units with their numbers of buckets, finest unit first. */
    public val tracking: Map<TimeUnit, Int>
        get() = translated { core.trackedUnits() }.associate { TimeUnit.of(it.unit) to it.buckets.toInt() }

    /** The memory that the events take, in bytes. */
    public val memoryUsage: Long get() = translated { core.memoryUsage() }

    /**
     * Saves everything that changed and closes the store, so that its directory can be opened
     * again. Closing again does nothing. An app need not close its store when it ends. It waits for
     * the disk: see [awaitClose].
     *
     * @throws EventStoreException if the storage cannot be written; the store is closed in any case
     */
    override fun close() {
        attachment.getAndSet(NOTHING)?.close()
        translated { opened.shutdown() }
    }

    internal fun <T> ask(question: Question<T>): T = translated {
        renewZoneIfLeft()
        val asked = try {
            prepared.question(question.core)
        } catch (_: CoreException.InvalidArgument) {
            // Questions about a name that is too long have an answer, and cannot be prepared.
            return question.read(opened.query(listOf(question.core)).single())
        }
        question.ask(asked)
    }

    public companion object {
        private val NOTHING = AutoCloseable {}

        /**
         * Passes the warnings of all stores of the process to [handler], for example to a crash
         * reporter: recordings that were not counted, writes that failed, stored counts that are
         * damaged. Another call replaces the handler. In any case warnings go to Android's log with
         * the tag `tiny-counter`, and on a desktop JVM to standard error.
         *
         * The handler gets an English text, which names no event. A thread of its own calls it,
         * some time after the warning arose, with one warning after another. It may call a store,
         * and it may take as long as it likes: no call of a store waits for it. Up to 64 warnings
         * wait; of further ones only the number is passed. What it throws is printed and otherwise
         * ignored. Warnings that it causes itself are not passed to it.
         *
         * ```
         * EventStore.onWarning { text -> crashReporter.log(text) }
         * ```
         *
         * @throws EventStoreException.NativeLibrary if the native library cannot be used
         */
        @JvmStatic
        public fun onWarning(handler: (String) -> Unit): Unit = translated { setWarningHandler(handler) }

        /**
         * Opens the store in [directory], which is created if it does not exist. Damaged files are
         * not an error; [health] reports what was lost. It reads the disk, usually for less than a
         * few milliseconds: see [awaitOpen].
         *
         * @param tracking the tracked units with their numbers of buckets (1 to 100,000); if empty:
         * 60 minutes, 72 hours, 56 days, 52 weeks, 12 months, 4 years. It can differ from that of
         * an earlier opening. After a unit is added or its number raised, older counts are not
         * known in that unit: a limit uses another unit, or refuses
         * @param timeZone the time zone of days, weeks, months and years; null: the system's, which
         * every [renewTimeZone] reads again
         * @param clock a clock for tests; null: the system's clock
         * @param identity a file that is excluded from backups, for example in `noBackupFilesDir`,
         * for a [directory] that is not excluded. It is created at the first opening. If it is
         * missing or belongs to another store, the directory was restored or copied. Its counts
         * then become those of another replica, so that merging with the original counts nothing
         * twice
         * @param syncKeys keys that seal exports and sync states; null: these are not encrypted
         * @param markers events with which a [SinceWindow] can begin, at most 8. They are recorded
         * and asked like all others. After one is added, what happened since it is known within
         * bounds until it is recorded again
         * @throws EventStoreException.InvalidArgument if [tracking] or [markers] is invalid, if a
         * path is empty or has a NUL character, if a sync key does not have 32 bytes, or if the
         * library was built without the feature `sync-key`
         * @throws EventStoreException.NativeLibrary if the native library cannot be used
         * @throws EventStoreException.Storage if the path cannot be that of a directory
         * @throws EventStoreException.Unavailable if the directory, its files or the [identity]
         * cannot be created, read or written now, or if the directory is open already
         * @throws EventStoreException.Incompatible if a newer version of this library wrote the
         * files
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            directory: File,
            tracking: Map<TimeUnit, Int> = emptyMap(),
            writes: Writes = Writes.BACKGROUND,
            timeZone: ZoneId? = null,
            clock: TestClock? = null,
            identity: File? = null,
            syncKeys: SyncKeys? = null,
            markers: List<String> = emptyList()
        ): EventStore = translated {
            val tableZone = timeZone ?: ZoneId.systemDefault()
            val options = options(tracking, tableZone, clock, syncKeys, identity, markers)
            EventStore(CoreStore.open(directory.path, writes.core, options), clock, timeZone, tableZone)
        }

        /**
         * Creates a store in memory, for previews and tests. Saving it throws
         * [EventStoreException.Storage]. The parameters are those of [open].
         *
         * @throws EventStoreException.InvalidArgument if [tracking], [syncKeys] or [markers] is
         * invalid
         * @throws EventStoreException.NativeLibrary if the native library cannot be used
         */
        @JvmStatic
        @JvmOverloads
        public fun inMemory(
            tracking: Map<TimeUnit, Int> = emptyMap(),
            timeZone: ZoneId? = null,
            clock: TestClock? = null,
            syncKeys: SyncKeys? = null,
            markers: List<String> = emptyList()
        ): EventStore = translated {
            val tableZone = timeZone ?: ZoneId.systemDefault()
            val options = options(tracking, tableZone, clock, syncKeys, markers = markers)
            EventStore(CoreStore.inMemory(options), clock, timeZone, tableZone)
        }
    }
}
