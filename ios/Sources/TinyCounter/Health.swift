import Foundation
internal import TinyCounterBindings

/// How a store is doing.
public struct Health: Sendable, Hashable {
    /// Stored counts that are gone.
    public struct Loss: Sendable, Hashable {
        /// The event concerned; nil where it is not known which.
        public let event: String?
        /// When the store found out.
        public let noticed: Date
    }

    /// What was lost and is not acknowledged. Limits refuse where the loss may matter, until it lies outside of their window or
    /// `acknowledgeLoss()` is called; those over all time until that call.
    public let losses: [Loss]
    /// Damaged files that were kept for whoever wants to look into them.
    public let keptAside: [URL]
    /// Events whose stored counts are damaged, as far as they were asked for. What is stored of them is left as it is until the event is erased.
    public let quarantined: [String]
    /// The last call to the storage failed: answers come from memory, and nothing new is saved until one succeeds.
    public let storageFails: Bool
    /// The clock went back and has not yet reached what it showed before: since when.
    public let clockWentBack: Date?
    /// The time zone is known no further: since when its last offset is taken for granted. See ``EventStore/renewTimeZone()``.
    public let zoneEnded: Date?

    /// Whether nothing is wrong.
    public var isGood: Bool {
        losses.isEmpty && keptAside.isEmpty && quarantined.isEmpty && !storageFails && clockWentBack == nil && zoneEnded == nil
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

/// What a merge did.
public struct MergeReport: Sendable, Hashable {
    /// Events that have other counts now, new ones included.
    public let eventsChanged: Int
    /// Lanes of other stores that the data held. A lane is what one store counted.
    public let lanes: Int
    /// How often two stores were found to count under one identity, as after a copied app container.
    public let twins: Int
    /// Events that were left out because they claim to have been erased more often than can be.
    public let refused: Int
    /// This store had gone back to an older state, as after a restored backup. It counts under a new identity now; what it had
    /// counted since then is lost.
    public let restarted: Bool
}

extension MergeReport {
    init(_ core: TinyCounterBindings.MergeReport) {
        eventsChanged = Int(clamping: core.eventsChanged)
        lanes = Int(clamping: core.lanes)
        twins = Int(clamping: core.twins)
        refused = Int(clamping: core.refused)
        restarted = core.restarted
    }
}
