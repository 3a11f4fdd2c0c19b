import Foundation
internal import TinyCounterBindings

/// Counts events and answers questions about them. All functions may be called from any thread.
///
/// ```swift
/// let store = try EventStore()
/// store.record("launch")
/// let launches = try store.query("launch").lastDays(7).sum()
/// ```
///
/// The name of an event is a text of at most 1,024 bytes of UTF-8. Names are compared byte by byte:
/// two that are equal as Swift strings and are written with other characters, such as an accented
/// letter as one character or as two, are two events. If an app makes names of what people write,
/// it should normalise them (`precomposedStringWithCanonicalMapping`). ``Rule``, ``TimeWindow``,
/// ``Limit`` and ``LimitSet`` compare names in the same way. But strings are compared by Swift:
/// ``events`` can hold both, so a dictionary of them needs a rule for equal keys.
///
/// Keep one store for the life of the app. Releasing it saves what changed, which waits for the
/// disk. Call `close()` to learn whether that succeeded.
public final class EventStore: Sendable {
    private let opened: TinyCounterBindings.EventStore
    private let clock: TestClock?
    /// Nil for a store in memory.
    private let files: Files?
    private let state: Locked<State>
    let listeners: Listeners

    /// What changes while a store is open.
    private struct State: Sendable {
        var zone: ZoneInUse
        var prepared = Prepared()
        var opening: Opening
    }

    /// Whether a store is open.
    private enum Opening: Sendable {
        case open, closed
        /// Its files could not be read, and it is reopened when they can be.
        case waiting
    }

    /// The time zone of the store and its table.
    private struct ZoneInUse: Sendable {
        var timeZone: TimeZone
        var table: ZoneOffsets

        init(_ timeZone: TimeZone, around now: Date) {
            self.timeZone = timeZone
            table = ZoneOffsets(timeZone, around: now)
        }
    }

    /// The core. If the clock has left the time zone table, it gets a new one first.
    var core: TinyCounterBindings.EventStore {
        renewTimeZoneIfLeft()
        return opened
    }

    /// Opens the store in a folder, which is created if it does not exist. It reads the disk.
    /// Damaged files are not an error; ``health`` reports what was lost.
    ///
    /// - Parameters:
    ///   - directory: A folder for this store only. By default the files of an app are unreadable
    ///     after a reboot until the device is unlocked: see `whenUnavailable`. Without an identity
    ///     the folder is excluded from backups: if a backup is restored on two devices, both would
    ///     count under one identity. If that fails, there is a warning.
    ///   - tracking: The tracked units.
    ///   - writes: When a recording reaches the file.
    ///   - timeZone: The time zone of days, weeks, months and years. With `.autoupdatingCurrent`,
    ///     ``renewTimeZone()`` follows the device; `.current` and all others stay fixed.
    ///   - clock: A clock for tests. Default: the system's clock.
    ///   - identity: A file, for a folder that is included in backups. The library excludes the
    ///     file from backups. It is created at the first opening. If it is missing or belongs to
    ///     another store, the folder was restored or copied. Its counts then become those of
    ///     another replica, so that merging with the original counts nothing twice.
    ///   - syncKeys: Keys that seal exports and sync states. Without them these are not encrypted.
    ///   - markers: The events since whose latest recording others are counted, by
    ///     ``TimeWindow/since(_:)`` and ``EventQuery/since(_:)``: at most 8, declared at each
    ///     opening. What is recorded while a marker is not declared is not exactly known since it.
    ///     A name that stands in the list twice is the same as once. ``sessionMarker`` and
    ///     ``appVersionMarker`` are markers of every store.
    ///   - whenUnavailable: What to do if the files cannot be read now.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for an invalid `tracking`, a URL
    ///   that is not a file URL, a sync key that does not have 32 bytes, any sync key if the
    ///   library was built without the feature `sync-key`, more than 8 markers, or a marker of more
    ///   than 1,024 bytes of UTF-8; ``EventError/unavailable(reason:event:)`` if the folder, its
    ///   files or the identity cannot be created, read or written now, or if the folder is open
    ///   already, unless the store stays closed then;
    ///   ``EventError/storage(reason:event:)`` if the path cannot be that of a folder;
    ///   ``EventError/incompatible(reason:event:)`` if a newer version of this library wrote the
    ///   files.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public convenience init(
        directory: URL = EventStore.defaultDirectory,
        tracking: Tracking = .standard,
        writes: Writes = .background,
        timeZone: TimeZone = .autoupdatingCurrent,
        clock: TestClock? = nil,
        identity: URL? = nil,
        syncKeys: SyncKeys? = nil,
        markers: [String] = [],
        whenUnavailable: WhenUnavailable = .fail
    ) throws(EventError) {
        let zone = ZoneInUse(timeZone, around: clock?.now ?? Date())
        let options = Options(tracking, zone.table, clock, syncKeys, markers, identity)
        let files = Files(directory: directory, identity: identity, writes: writes)
        let (core, isOpen) = try files.open(options, whenUnavailable)
        self.init(core, files, zone, clock, isOpen ? .open : .waiting)
    }

    /// Does the same as the blocking version without blocking the caller's thread. The parameters
    /// are the same.
    ///
    /// - Throws: the same errors as the blocking version.
    public convenience init(
        directory: URL = EventStore.defaultDirectory,
        tracking: Tracking = .standard,
        writes: Writes = .background,
        timeZone: TimeZone = .autoupdatingCurrent,
        clock: TestClock? = nil,
        identity: URL? = nil,
        syncKeys: SyncKeys? = nil,
        markers: [String] = [],
        whenUnavailable: WhenUnavailable = .fail
    ) async throws(EventError) {
        let zone = ZoneInUse(timeZone, around: clock?.now ?? Date())
        let options = Options(tracking, zone.table, clock, syncKeys, markers, identity)
        let files = Files(directory: directory, identity: identity, writes: writes)
        let (core, isOpen) = try await offThread { () throws(EventError) in try files.open(options, whenUnavailable) }
        self.init(core, files, zone, clock, isOpen ? .open : .waiting)
    }

    private init(
        _ opened: TinyCounterBindings.EventStore, _ files: Files?, _ zone: ZoneInUse, _ clock: TestClock?, _ opening: Opening
    ) {
        self.opened = opened
        listeners = Listeners(opened)
        self.files = files
        self.clock = clock
        state = Locked(State(zone: zone, opening: opening))
    }

    /// Creates a store in memory, for previews and tests. Saving it throws
    /// ``EventError/storage(reason:event:)``.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for an invalid `tracking`, invalid
    ///   `syncKeys`, and invalid `markers`.
    public static func inMemory(
        tracking: Tracking = .standard,
        timeZone: TimeZone = .autoupdatingCurrent,
        clock: TestClock? = nil,
        syncKeys: SyncKeys? = nil,
        markers: [String] = []
    ) throws(EventError) -> EventStore {
        Warnings.start()
        let zone = ZoneInUse(timeZone, around: clock?.now ?? Date())
        let options = Options(tracking, zone.table, clock, syncKeys, markers)
        return EventStore(try crossing { try .inMemory(options: options) }, nil, zone, clock, .open)
    }

    /// The folder `TinyCounter` in the app's `Application Support`.
    public static var defaultDirectory: URL {
        let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask).first
        return (support ?? URL(fileURLWithPath: NSHomeDirectory())).appendingPathComponent("TinyCounter", isDirectory: true)
    }

    // MARK: Recording

    /// Records that an event happened now. The call never waits for the disk, unless the store
    /// writes inline.
    ///
    /// A name of more than 1,024 bytes of UTF-8 is not counted, nor is anything on a closed store;
    /// a warning is logged.
    public func record(_ event: some EventID) {
        // A count of 1 is always valid.
        try? record(event, count: 1)
    }

    /// Records that an event happened `count` times now. A count of 0 makes the event known.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` unless the count is from 0 to
    ///   4,294,967,295.
    public func record(_ event: some EventID, count: Int) throws(EventError) {
        let (name, count) = (event.eventName, Int64(count))
        // If the number records nothing, the name is passed, and the core says why.
        guard number(of: name)?.record(count) == true else { return try recordByName(name, count) }
    }

    func recordByName(_ name: String, _ count: Int64) throws(EventError) {
        try crossing { try core.record(event: name, count: count) }
    }

    /// The number of an event; nil for a name that is too long. If the clock has left the time zone
    /// table, the store gets a new one first.
    func number(of name: String) -> EventNumber? {
        let key = Name(name)
        if let number = find({ $0.numbers[key] }) { return number }
        guard let number = (try? opened.eventNumber(name: name)).map(EventNumber.init) else { return nil }
        keep { $0.numbers.keep(number, for: key) }
        return number
    }

    /// Finds something that was prepared. If the clock has left the time zone table, the store gets
    /// a new one first.
    private func find<Found>(_ find: (Prepared) -> Found?) -> Found? {
        let now = clock?.now ?? Date()
        return state.with { state in
            if !state.zone.table.reach.contains(now) { read(&state.zone) }
            return find(state.prepared)
        }
    }

    private func keep(_ keep: (inout Prepared) -> Void) {
        state.with { keep(&$0.prepared) }
    }

    /// A question that is ready to be asked; nil if it has to be asked without, because a name in
    /// it is too long or it has many names.
    func asked(_ question: TinyCounterBindings.Question) throws(EventError) -> AskedQuestion? {
        let key = QuestionKey(question)
        if let asked = find({ $0.questions[key] }) { return asked }
        guard let core = try? opened.prepareQuestion(question: question) else { return nil }
        let asked = AskedQuestion(core)
        keep { $0.questions.keep(asked, for: key) }
        return asked
    }

    /// A limit that is ready to be asked.
    func asked(_ limit: Limit, on event: String) throws(EventError) -> AskedLimit {
        let key = LimitKey(event, limit)
        if let asked = find({ $0.limits[key] }) { return asked }
        let asked = AskedLimit(try crossing { try opened.prepare(event: event, limit: limit.core) })
        keep { $0.limits.keep(asked, for: key) }
        return asked
    }

    /// Records that an event happened `count` times now, and returns when that survives a kill of
    /// the process, with everything that was recorded before. It writes to the file and does not
    /// sync, so it takes some microseconds; a sync that is running on another thread comes first.
    /// In a store in memory it does what ``record(_:)`` does.
    ///
    /// It is meant for what an app records last, in a handler of uncaught exceptions for example. A
    /// signal handler must not call it, because it takes locks and allocates.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a count outside 0 to
    ///   4,294,967,295, or a name of more than 1,024 bytes of UTF-8;
    ///   ``EventError/closed(reason:)``. Nothing is recorded then.
    ///   ``EventError/notWritten(reason:event:)`` if the event cannot be written; it is counted
    ///   then.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func recordNow(_ event: some EventID, count: Int = 1) throws(EventError) {
        try crossing { try core.recordNow(event: event.eventName, count: Int64(count)) }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func recordNow(_ event: some EventID, count: Int = 1) async throws(EventError) {
        let (core, name) = (core, event.eventName)
        try await offThread { () throws(EventError) in
            try crossing { try core.recordNow(event: name, count: Int64(count)) }
        }
    }

    /// Records that an event happened `count` times at `date`. A date up to one minute in the
    /// future is read as now. A unit with n tracked buckets counts it if it lies in one of its
    /// 2n + 2 newest buckets. ``EventQuery/lifetime`` counts it in any case.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for more than one minute in the
    ///   future, a date outside the years 1 to 9999, a count outside 0 to 4,294,967,295, or a name
    ///   of more than 1,024 bytes of UTF-8; ``EventError/closed(reason:)``.
    public func record(_ event: some EventID, count: Int = 1, at date: Date) throws(EventError) {
        try crossing {
            try core.recordAt(event: event.eventName, count: Int64(count), unixMillis: Int64(date))
        }
    }

    /// Records that an event happened `count` times, `span` ago. A negative span of up to one
    /// minute is read as now. A unit with n tracked buckets counts it if it lies in one of its
    /// 2n + 2 newest buckets. ``EventQuery/lifetime`` counts it in any case. A name of more than
    /// 1,024 bytes of UTF-8 is not counted, nor is anything on a closed store; a warning is logged.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a span of more than one minute
    ///   in the future or more than 10,000 years, or a count outside 0 to 4,294,967,295.
    public func record(_ event: some EventID, count: Int = 1, ago span: TimeSpan) throws(EventError) {
        try crossing { try core.recordAgo(event: event.eventName, count: Int64(count), millis: span.millis) }
    }

    /// Adds to the event with the lower count until both are equal, over all buckets of the longest
    /// tracked unit. Reading and recording are one step.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a name of more than 1,024 bytes
    ///   of UTF-8; ``EventError/unavailable(reason:event:)`` or
    ///   ``EventError/corrupt(reason:event:)`` if an event cannot be read;
    ///   ``EventError/closed(reason:)``. Nothing is recorded then.
    public func balance(_ positive: some EventID, with negative: some EventID) throws(EventError) {
        try crossing { try core.balanceDelta(positive: positive.eventName, negative: negative.eventName) }
    }

    /// Returns a handle for one event, for events that are recorded often. Nothing is recorded.
    public func event(_ event: some EventID) -> Event {
        Event(event.eventName, of: self)
    }

    // MARK: The state of the store

    /// The names of all known events, sorted by their UTF-8 bytes.
    public var events: [String] { core.events() }

    /// The tracked units, finest first.
    public var tracking: Tracking { Tracking(core.trackedUnits()) }

    /// What is wrong with the store, if anything.
    public var health: Health { Health(opened.health()) }

    /// The memory that the events take, in bytes.
    public var memoryUsage: Int { Int(clamping: core.memoryUsage()) }

    /// The current time of the store's clock, to the millisecond.
    public var now: Date { Date(unixMillis: opened.now()) }

    // MARK: The time zone

    /// The time zone of days, weeks, months and years.
    public var timeZone: TimeZone { state.with { $0.zone.timeZone } }

    /// Counts days in another time zone from now on. What was recorded before keeps its date.
    public func setTimeZone(_ timeZone: TimeZone) {
        state.with { state in
            state.zone.timeZone = timeZone
            read(&state.zone)
        }
    }

    /// Reads the rules of ``timeZone`` again. Call it when the time zone of the device changes,
    /// which ``persistInBackground(on:center:onError:)`` does for you.
    ///
    /// The rules are read as a table that reaches five years back and two ahead. If the clock
    /// leaves the table, the next call of the store reads them again, except the recordings of an
    /// ``Event`` and ``health``.
    public func renewTimeZone() {
        state.with { read(&$0.zone) }
    }

    func renewTimeZoneIfLeft() {
        _ = find { _ in () }
    }

    /// Reads the rules again if they are others than those of the table.
    func renewTimeZoneIfChanged() {
        renewTimeZoneIfLeft()
        state.with { state in
            if state.zone.table.hasOthers(than: state.zone.timeZone) { read(&state.zone) }
        }
    }

    private func read(_ zone: inout ZoneInUse) {
        zone.table = ZoneOffsets(zone.timeZone, around: now)
        // A table of the system is always valid.
        try? opened.setZone(zone: zone.table.core)
    }
}

extension EventStore {
    /// Whether the app uses the store: it is open, or will be.
    var isInUse: Bool { state.with { $0.opening != .closed } }

    /// Closes the store for good, unless the app reopens it.
    func closeCore() throws {
        state.with { $0.opening = .closed }
        try opened.shutdown()
    }

    func reopenCore() throws(EventError) {
        do {
            try crossing { try opened.reopen() }
        } catch {
            if case .unavailable = error { state.with { $0.opening = .waiting } }
            throw error
        }
        state.with { $0.opening = .open }
        files?.excludeFromBackups()
    }

    /// Opens a store that waits for its files. Persists one that has not persisted everything, for
    /// example because its files could not be written.
    func continueAfterUnavailable() throws(EventError) {
        if state.with({ $0.opening == .waiting }) {
            try reopenCore()
        } else if files != nil && isDirty {
            try persist()
        }
    }
}

extension Options {
    fileprivate init(
        _ tracking: Tracking, _ zone: ZoneOffsets, _ clock: TestClock?, _ syncKeys: SyncKeys?, _ markers: [String],
        _ identity: URL? = nil
    ) {
        self.init(
            units: tracking.core,
            zone: zone.core,
            identity: identity?.path,
            clock: clock?.core,
            syncKeys: syncKeys?.core,
            markers: markers
        )
    }
}
