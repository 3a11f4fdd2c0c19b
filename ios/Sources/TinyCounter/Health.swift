import Foundation
internal import TinyCounterBindings

/// What is wrong with a store.
public struct Health: Sendable, Hashable {
    /// Stored counts that were lost.
    public struct Loss: Sendable, Hashable {
        /// The event concerned; nil if the store does not know which.
        public let event: String?
        /// When the store noticed the loss.
        public let noticed: Date

        /// Makes one, for the tests of an app.
        public init(event: String?, noticed: Date) {
            self.event = event
            self.noticed = noticed
        }
    }

    /// The losses that were not acknowledged. Limits that need the lost counts refuse until the
    /// loss lies outside their window, or until `acknowledgeLoss()` is called. A limit over all
    /// time refuses until that call.
    public let losses: [Loss]
    /// Copies of damaged files, which were kept for diagnosis. They hold the names of events. An
    /// opening removes those that are older than 30 days; `eraseEvents(_:)` and `eraseAll()` remove
    /// all of them.
    public let keptAside: [URL]
    /// Events whose stored counts are damaged or of a newer version, as far as they were read. The
    /// stored bytes stay as they are until the event is erased, or the loss is acknowledged.
    public let quarantined: [String]
    /// Whether the last call to the storage failed. Answers then come from memory, and nothing new
    /// is saved until a call succeeds.
    public let storageFails: Bool
    /// When the store noticed that the clock went back by more than a second. If the clock is set
    /// again, this date is moved by as much. Nil once the clock has passed what it showed before.
    /// There is nothing to do about it.
    public let clockWentBack: Date?
    /// The end of the table of time zone offsets that the clock has left: the last entry if the
    /// clock is later, the first one if the clock is earlier. The offset at that end is used. Nil
    /// if the clock is inside the table. The next call of the store makes a new table: see
    /// ``EventStore/renewTimeZone()``.
    public let zoneEnded: Date?

    /// Whether nothing is wrong.
    public var isGood: Bool {
        losses.isEmpty && keptAside.isEmpty && quarantined.isEmpty && !storageFails && clockWentBack == nil && zoneEnded == nil
    }

    /// Makes one, for the tests of an app.
    public init(
        losses: [Loss] = [],
        keptAside: [URL] = [],
        quarantined: [String] = [],
        storageFails: Bool = false,
        clockWentBack: Date? = nil,
        zoneEnded: Date? = nil
    ) {
        self.losses = losses
        self.keptAside = keptAside
        self.quarantined = quarantined
        self.storageFails = storageFails
        self.clockWentBack = clockWentBack
        self.zoneEnded = zoneEnded
    }
}

extension Health {
    init(_ core: TinyCounterBindings.Health) {
        losses = core.losses.map { Loss(event: $0.event, noticed: Date(unixMillis: $0.noticedMillis)) }
        keptAside = core.keptAside.map { URL(fileURLWithPath: $0) }
        quarantined = core.quarantined
        storageFails = core.storageFails
        clockWentBack = core.clockWentBackMillis.map(Date.init(unixMillis:))
        zoneEnded = core.zoneEndedMillis.map(Date.init(unixMillis:))
    }
}
