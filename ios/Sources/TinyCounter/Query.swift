import Foundation
internal import TinyCounterBindings

extension EventStore {
    /// Begins a question about one event.
    public func query(_ event: some EventID) -> Query {
        Query(store: self, events: [event.eventName])
    }

    /// Begins a question about several events that are read as one: their counts are added up, and an event that is named twice
    /// counts twice.
    public func query(_ events: [some EventID]) -> Query {
        Query(store: self, events: events.map(\.eventName))
    }

    /// Begins a question about one event's count divided by another's.
    public func ratio(of numerator: some EventID, to denominator: some EventID) -> RatioQuery {
        RatioQuery(store: self, numerator: numerator.eventName, denominator: denominator.eventName)
    }

    /// Begins a question about one event's count less another's. An event that is not known counts 0.
    public func delta(of positive: some EventID, minus negative: some EventID) -> DeltaQuery {
        DeltaQuery(store: self, positive: positive.eventName, negative: negative.eventName)
    }
}

/// A question about one event, or about several that are read as one.
///
/// It is a value: nothing is asked before a ``Question`` is called.
///
/// ```swift
/// let visits = store.query("visit")
/// let week = try visits.lastDays(7).sum()        // Int?
/// let active = try visits.lastDays(28).countNonzero()
/// let seen = try visits.lastSeen()               // TimeInterval?
/// ```
public struct Query: RangeChoice {
    let store: EventStore
    let events: [String]

    /// The question about some buckets.
    public func over(_ range: QueryRange) -> RangeQuery {
        RangeQuery(store: store, events: events, range: range)
    }

    /// How long ago the last of the events happened, in seconds to the millisecond, never negative; nil if none did.
    public var lastSeen: Question<TimeInterval?> {
        Question(store: store, core: .lastSeen(events: events), read: \.ago)
    }

    /// How long ago the first of the events happened, in seconds to the millisecond, never negative; nil if none did.
    public var firstSeen: Question<TimeInterval?> {
        Question(store: store, core: .firstSeen(events: events), read: \.ago)
    }

    /// How often the events happened in all, what has aged out of every bucket included, unlike `ever()`; nil if none is known.
    public var lifetime: Question<Int?> {
        Question(store: store, core: .lifetime(events: events), read: \.count)
    }
}

/// A question about what was counted in some buckets.
public struct RangeQuery: Sendable {
    let store: EventStore
    let events: [String]
    let range: QueryRange

    /// The sum; nil if none of the events is known or the unit is not tracked, 0 for a known event that did not happen.
    public var sum: Question<Int?> { measure(.total, \.count) }

    /// The sum divided by the number of buckets, as far as they are tracked, 0 over no buckets; nil as ``sum`` is.
    public var average: Question<Double?> { measure(.average, \.number) }

    /// The sum divided by the number of buckets that are not empty; nil if all are, and as ``sum`` is.
    public var averageNonzero: Question<Double?> { measure(.averageNonzero, \.number) }

    /// The number of buckets that are not empty; nil as ``sum`` is.
    public var countNonzero: Question<Int?> { measure(.countNonzero, \.count) }

    /// The place of the newest bucket that is not empty, 0 for the newest of the range; nil if all are, and as ``sum`` is.
    public var newest: Question<Int?> { measure(.newest, \.count) }

    /// The place of the oldest bucket that is not empty, 0 for the newest of the range; nil if all are, and as ``sum`` is.
    public var oldest: Question<Int?> { measure(.oldest, \.count) }

    /// The count of every bucket, newest first; none at all where ``sum`` is nil.
    public var buckets: Question<[Int]> { measure(.buckets, \.buckets) }

    private func measure<Answer>(
        _ measure: Measure, _ read: @escaping @Sendable (TinyCounterBindings.Answer) -> Answer
    ) -> Question<Answer> {
        Question(store: store, core: .counts(events: events, range: range.core, measure: measure), read: read)
    }
}

/// A question about one event's count divided by another's.
public struct RatioQuery: RangeChoice {
    let store: EventStore
    let numerator: String
    let denominator: String

    /// The ratio over some buckets.
    public func over(_ range: QueryRange) -> RatioRangeQuery {
        RatioRangeQuery(query: self, range: range)
    }
}

/// A question about a ratio over some buckets.
public struct RatioRangeQuery: Sendable {
    let query: RatioQuery
    let range: QueryRange

    /// The ratio; nil if one of the events is not known, the unit is not tracked, or the divisor's count is 0.
    public var value: Question<Double?> {
        let core = TinyCounterBindings.Question.ratio(
            numerator: query.numerator, denominator: query.denominator, range: range.core)
        return Question(store: query.store, core: core, read: \.number)
    }
}

/// A question about one event's count less another's.
public struct DeltaQuery: RangeChoice {
    let store: EventStore
    let positive: String
    let negative: String

    /// The difference over some buckets.
    public func over(_ range: QueryRange) -> DeltaRangeQuery {
        DeltaRangeQuery(query: self, range: range)
    }
}

/// A question about a difference over some buckets.
public struct DeltaRangeQuery: Sendable {
    let query: DeltaQuery
    let range: QueryRange

    /// The difference, negative if the second event has the larger count.
    public var sum: Question<Int> {
        let core = TinyCounterBindings.Question.delta(
            positive: query.positive, negative: query.negative, range: range.core)
        return Question(store: query.store, core: core, read: \.difference)
    }

    /// The difference divided by the number of buckets, 0 over no buckets.
    public var average: Question<Double> {
        let core = TinyCounterBindings.Question.deltaAverage(
            positive: query.positive, negative: query.negative, range: range.core)
        return Question(store: query.store, core: core) { $0.number ?? 0 }
    }
}
