import Foundation
import TinyCounter

/// What the app and the widget show.
public struct Summary: Sendable, Hashable {
    public var today = 0
    public var activeDays = 0
    public var week: [DatedCount] = []

    public init() {}
}

/// The three uses of the library in this app.
public struct Counts: Sendable {
    private let store: EventStore
    private let folder: GroupFolder
    private let process: GroupFolder.Process
    private let tip: Limiter

    /// Opens the store of a process.
    public init(in folder: GroupFolder, as process: GroupFolder.Process) throws {
        try self.init(EventStore(directory: folder.store(of: process)), folder, process)
    }

    init(_ store: EventStore, _ folder: GroupFolder, _ process: GroupFolder.Process) throws {
        self.store = store
        self.folder = folder
        self.process = process
        tip = try store.limit(Water.tip)
            .atMost(1, within: .days(7))
            .atLeast(3, of: Water.launch, within: .calendar(28, .days))
            .cooldown(after: Water.failure, for: .days(2))
    }

    /// Persists whenever the app goes to the background. Keep what it returns as long as the app runs.
    public func persistInBackground() -> PersistenceWatch { store.persistInBackground() }

    public func launched() { store.record(Water.launch) }

    public func drank() { store.record(Water.glass) }

    public func failed() { store.record(Water.failure) }

    /// How the app is used, all at one instant.
    public func summary() throws -> Summary {
        let (glasses, launches) = (store.query(Water.glass), store.query(Water.launch))
        var summary = Summary()
        let (today, activeDays, week) = try store.answers(
            to: glasses.today().sum, launches.lastDays(28).countNonzero, glasses.lastDays(7).bucketsByDate)
        (summary.today, summary.activeDays, summary.week) = (today ?? 0, activeDays ?? 0, week)
        return summary
    }

    /// The glasses of today: the number now, and each other one after a change.
    public func glassesToday() -> ValueSequence<Int?> {
        store.values(of: store.query(Water.glass).today().sum)
    }

    /// Whether to show a tip now. If so, it counts as shown.
    public func mayShowTip() throws -> Bool { try tip.checkAndRecord().isAllowed }

    /// Why there is no tip, for a debug screen.
    public func whyNoTip() throws -> [String] { try tip.check().refusals.map { "\($0)" } }

    /// Writes all counts to the file of this process.
    public func publish() throws {
        try store.export().write(to: folder.export(of: process), options: .atomic)
    }

    /// Takes the counts that other processes have published. Doing so twice counts nothing twice.
    /// Returns how many events changed.
    @discardableResult
    public func takeOver() throws -> Int {
        var changed = 0
        for other in GroupFolder.Process.allCases where other != process {
            let file = folder.export(of: other)
            // A process that never ran has published nothing.
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            changed += try store.merge(Data(contentsOf: file)).eventsChanged
        }
        return changed
    }

    /// A widget persists before it ends, because the system tells it nothing.
    public func persist() throws { try store.persist() }

    public func close() throws { try store.close() }
}
