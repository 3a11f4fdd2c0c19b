import Foundation
internal import TinyCounterBindings

/// Something that happened, for ``Limiter/rehearse(history:asked:)`` and
/// `importOnce(_:counts:)` of a store.
public struct Occurrence: Sendable, Hashable {
    /// The event.
    public var event: String
    /// When.
    public var date: Date
    /// How often, 0 to 4,294,967,295.
    public var count: Int

    /// Says that an event happened `count` times at `date`.
    public init(_ event: some EventID, at date: Date, count: Int = 1) {
        self.event = event.eventName
        self.date = date
        self.count = count
    }
}

extension Occurrence {
    var core: TinyCounterBindings.Occurrence {
        .init(event: event, unixMillis: Int64(date), count: Int64(count))
    }
}
