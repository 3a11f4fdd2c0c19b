internal import TinyCounterBindings

/// The units that a store tracks, and how many buckets of each it keeps, the current one included:
/// 1 to 100,000.
///
/// ```swift
/// let store = try EventStore(tracking: [.minutes: 60, .days: 90])
/// ```
///
/// An existing store can be opened with other units. Counts that both settings can hold do not
/// change. After a unit is added or its number raised, older counts are not known in that unit: a
/// limit uses another unit, or refuses.
public struct Tracking: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    let units: [Unit]

    struct Unit: Sendable, Hashable {
        let unit: TimeUnit
        let buckets: Int
    }

    /// Units with their numbers of buckets. If a unit is given twice, the last number is used. An
    /// empty dictionary means ``standard``.
    public init(dictionaryLiteral elements: (TimeUnit, Int)...) {
        units = elements.map(Unit.init)
    }

    /// 60 minutes, 72 hours, 56 days, 52 weeks, 12 months and 4 years.
    public static let standard: Tracking = [
        .minutes: 60, .hours: 72, .days: 56, .weeks: 52, .months: 12, .years: 4,
    ]
    /// 60 minutes and 72 hours.
    public static let rateLimiting: Tracking = [.minutes: 60, .hours: 72]
    /// 56 days, 52 weeks and 12 months.
    public static let analytics: Tracking = [.days: 56, .weeks: 52, .months: 12]

    /// How many buckets of a unit are kept, or nil if it is not tracked.
    public subscript(unit: TimeUnit) -> Int? {
        units.last { $0.unit == unit }?.buckets
    }
}

extension Tracking {
    var core: [TrackedUnit] {
        units.map { TrackedUnit(unit: $0.unit.core, buckets: Int64($0.buckets)) }
    }

    init(_ core: [TrackedUnit]) {
        units = core.compactMap { tracked in
            TimeUnit(tracked.unit).map { Unit(unit: $0, buckets: Int(clamping: tracked.buckets)) }
        }
    }
}

/// When a recording reaches the store's file.
public enum Writes: Sendable, Hashable {
    /// Soon after the recording, on a background thread. The caller never waits for the disk.
    case background
    /// Before the recording returns, so that it survives a kill of the process at any moment.
    case inline
}

extension Writes {
    var core: TinyCounterBindings.Writes {
        switch self {
        case .background: .background
        case .inline: .inline
        }
    }
}
