import Foundation
internal import TinyCounterBindings

/// Counts events and answers questions about them. It may be used from any thread.
///
/// ```swift
/// let store = try EventStore()
/// store.record("launch")
/// let launches = try store.query("launch").lastDays(7).sum()
/// ```
///
/// Keep one for the life of the app. When it is let go of, it saves what changed, which waits for the disk; call `close()` where
/// it matters whether that succeeded.
public final class EventStore: Sendable {
    let core: TinyCounterBindings.EventStore
    private let zone: Locked<TimeZone>

    /// Opens the store that is kept in a folder, which is made if there is none. It reads the disk.
    ///
    /// Damaged files are no error: ``health`` tells what was lost.
    ///
    /// - Parameters:
    ///   - directory: A folder of the store's own. It must be readable whenever the app may run: on a device that was not unlocked
    ///     since it started, files of an app are not, by default. Keep one of your own out of backups, as ``defaultDirectory`` is: set
    ///     `isExcludedFromBackup` on it.
    ///   - tracking: The units that are counted.
    ///   - writes: When a recording reaches the file.
    ///   - timeZone: By which days are counted. With `.autoupdatingCurrent` ``renewTimeZone()`` goes along with the device; `.current` and
    ///     all others stay what they are.
    ///   - clock: Where the time is taken from instead of the system's clock, for tests.
    ///   - identity: A file that backups do not reach, for a folder that they do. It is made at the first opening. Where it is missing or another
    ///     store's, the folder was restored or copied: what it holds stays counted, but as another device's, so that merging with the original
    ///     counts nothing twice. The file itself is kept out of backups.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for units that cannot be or a URL of no file;
    ///   ``EventError/unavailable(reason:event:)`` if the folder or the identity cannot be read now, or this process has the folder open already;
    ///   ``EventError/storage(reason:event:)`` if it cannot be made or its files not be read or written;
    ///   ``EventError/incompatible(reason:event:)`` if a newer version wrote it.
    public init(
        directory: URL = EventStore.defaultDirectory,
        tracking: Tracking = .standard,
        writes: Writes = .background,
        timeZone: TimeZone = .autoupdatingCurrent,
        clock: TestClock? = nil,
        identity: URL? = nil
    ) throws(EventError) {
        core = try EventStore.open(directory, writes, Options(tracking, timeZone, clock, identity), identity)
        zone = Locked(timeZone)
    }

    /// Opens the store that is kept in a folder, which is made if there is none. No thread of the caller's waits for the disk.
    ///
    /// Its parameters are those of the one that blocks.
    ///
    /// - Throws: as the one that blocks.
    public init(
        directory: URL = EventStore.defaultDirectory,
        tracking: Tracking = .standard,
        writes: Writes = .background,
        timeZone: TimeZone = .autoupdatingCurrent,
        clock: TestClock? = nil,
        identity: URL? = nil
    ) async throws(EventError) {
        let options = Options(tracking, timeZone, clock, identity)
        core = try await offThread { () throws(EventError) in
            try EventStore.open(directory, writes, options, identity)
        }
        zone = Locked(timeZone)
    }

    private init(_ core: TinyCounterBindings.EventStore, _ timeZone: TimeZone) {
        self.core = core
        zone = Locked(timeZone)
    }

    /// A store in memory, for previews and tests. Saving it fails with ``EventError/storage(reason:event:)``.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for units that cannot be.
    public static func inMemory(
        tracking: Tracking = .standard,
        timeZone: TimeZone = .autoupdatingCurrent,
        clock: TestClock? = nil
    ) throws(EventError) -> EventStore {
        let options = Options(tracking, timeZone, clock)
        return EventStore(try crossing { try .inMemory(options: options) }, timeZone)
    }

    /// The folder `TinyCounter` in the app's `Application Support`. A store that is opened there without an identity keeps it out of backups: one that is restored
    /// on two devices would have both count under one identity. `export()` and `merge(_:)` carry counts to a new device.
    public static var defaultDirectory: URL {
        let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask).first
        return (support ?? URL(fileURLWithPath: NSHomeDirectory())).appendingPathComponent("TinyCounter", isDirectory: true)
    }

    private static func open(
        _ directory: URL, _ writes: Writes, _ options: Options, _ identity: URL?
    ) throws(EventError) -> TinyCounterBindings.EventStore {
        for url in [directory, identity ?? directory] where !url.isFileURL {
            throw .invalidArgument(reason: "\(url) is no place on this device; give a file URL")
        }
        let store = try crossing { try TinyCounterBindings.EventStore.open(directory: directory.path, writes: writes.core, options: options) }
        if let identity { keepOutOfBackups(identity) }
        if directory == defaultDirectory && identity == nil { keepOutOfBackups(directory) }
        return store
    }

    /// Of no consequence where it fails: the counts are as good, and the next opening tries again.
    private static func keepOutOfBackups(_ url: URL) {
        var url = url
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try? url.setResourceValues(values)
    }

    // MARK: Recording

    /// Records that an event happened now. The call never waits for the disk, unless the store writes inline.
    ///
    /// A name of more than 1,024 bytes is not counted, nor is anything on a store that was closed.
    public func record(_ event: some EventID) {
        // Nothing is left to fail with this count.
        try? core.record(event: event.eventName, count: 1)
    }

    /// Records that an event happened `count` times now; 0 makes it known.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` unless the count is from 0 to 4,294,967,295.
    public func record(_ event: some EventID, count: Int) throws(EventError) {
        try crossing { try core.record(event: event.eventName, count: Int64(count)) }
    }

    /// Records that an event happened `count` times at an instant. A unit whose buckets do not reach back that far does not count
    /// it; the event is known all the same.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for more than one minute in the future, an instant outside of the years 1 to
    ///   9999, a count outside of 0 to 4,294,967,295, or a name of more than 1,024 bytes; ``EventError/closed(reason:)``.
    public func record(_ event: some EventID, count: Int = 1, at date: Date) throws(EventError) {
        try crossing {
            try core.recordAt(event: event.eventName, count: Int64(count), unixMillis: Int64(date))
        }
    }

    /// Records that an event happened `count` times, so long ago. A unit whose buckets do not reach back that far does not count it; the
    /// event is known all the same. A name of more than 1,024 bytes is not counted, nor is anything on a store that was closed.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a span that is negative or beyond 10,000 years, or a count outside of 0 to
    ///   4,294,967,295.
    public func record(_ event: some EventID, count: Int = 1, ago span: TimeSpan) throws(EventError) {
        try crossing { try core.recordAgo(event: event.eventName, count: Int64(count), millis: span.millis) }
    }

    /// Records what is missing to the one of two events that happened less often, over all buckets of the longest tracked unit, so that both
    /// are even. Reading and recording are one step.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a name of more than 1,024 bytes;
    ///   ``EventError/unavailable(reason:event:)`` or ``EventError/corrupt(reason:event:)`` if an event cannot be read;
    ///   ``EventError/closed(reason:)``.
    public func balance(_ positive: some EventID, with negative: some EventID) throws(EventError) {
        try crossing { try core.balanceDelta(positive: positive.eventName, negative: negative.eventName) }
    }

    /// A handle on one event, for events that are recorded often. Nothing is recorded by this.
    public func event(_ event: some EventID) -> Event {
        Event(event.eventName, of: self)
    }

    // MARK: What is there

    /// The names of all events that are known, in the order of their bytes.
    public var events: [String] { core.events() }

    /// The units that are counted, finest first.
    public var tracking: Tracking { Tracking(core.trackedUnits()) }

    /// What is wrong with the store, if anything.
    public var health: Health { Health(core.health()) }

    /// The bytes held for events in memory.
    public var memoryUsage: Int { Int(clamping: core.memoryUsage()) }

    /// The instant by the store's clock, to the millisecond.
    public var now: Date { Date(unixMillis: core.now()) }

    // MARK: The time zone

    /// The time zone by which days are counted.
    public var timeZone: TimeZone { zone.with { $0 } }

    /// Counts days by another time zone from now on. What was recorded keeps its date.
    public func setTimeZone(_ timeZone: TimeZone) {
        zone.with { zone in
            zone = timeZone
            read(zone)
        }
    }

    /// Reads ``timeZone`` anew: call it when the device's time zone changed, and in a process that runs for years.
    /// ``persistInBackground(on:center:onError:)`` sees to the former.
    public func renewTimeZone() {
        zone.with { read($0) }
    }

    private func read(_ timeZone: TimeZone) {
        let table = ZoneOffsets(timeZone, around: now).core
        // A table of the system's own is never out of bounds.
        try? core.setZone(zone: table)
    }
}

extension Options {
    fileprivate init(_ tracking: Tracking, _ timeZone: TimeZone, _ clock: TestClock?, _ identity: URL? = nil) {
        self.init(
            units: tracking.core,
            zone: ZoneOffsets(timeZone, around: clock?.now ?? Date()).core,
            identity: identity?.path,
            clock: clock?.core
        )
    }
}
