import Foundation
internal import TinyCounterBindings

extension EventStore {
    /// Starts a question about one event.
    public func query(_ event: some EventID) -> EventQuery {
        EventQuery(store: self, events: [event.eventName])
    }

    /// Starts a question about several events. Their counts are added up; an event that is named
    /// twice counts twice.
    public func query(_ events: [some EventID]) -> EventQuery {
        EventQuery(store: self, events: events.map(\.eventName))
    }

    /// Starts a question about one event's count divided by another's.
    public func ratio(of numerator: some EventID, to denominator: some EventID) -> RatioQuery {
        RatioQuery(store: self, numerator: numerator.eventName, denominator: denominator.eventName)
    }

    /// Starts a question about one event's count minus another's. An event that is not known counts
    /// 0. The difference over a unit that is not tracked is 0.
    public func delta(of positive: some EventID, minus negative: some EventID) -> DeltaQuery {
        DeltaQuery(store: self, positive: positive.eventName, negative: negative.eventName)
    }
}

/// A question about one event, or about several events whose counts are added up.
///
/// It does nothing until a ``Question`` is called.
///
/// ```swift
/// let visits = store.query("visit")
/// let week = try visits.lastDays(7).sum()        // Int?
/// let active = try visits.lastDays(28).countNonzero()
/// let seen = try visits.lastSeen()               // TimeInterval?
/// let session = try visits.since(EventStore.sessionMarker).sum()
/// ```
public struct EventQuery: RangeChoice {
    let store: EventStore
    let events: [String]

    /// Chooses the buckets.
    public func over(_ range: QueryRange) -> RangeQuery {
        RangeQuery(store: store, events: events, range: range)
    }

    /// Chooses the time strictly after the latest recording of a marker, which is one of the
    /// `markers` with which the store was opened, ``EventStore/sessionMarker`` or
    /// ``EventStore/appVersionMarker``. It is all time if the marker never happened.
    public func since(_ marker: some EventID) -> SinceQuery {
        SinceQuery(store: store, events: events, marker: marker.eventName)
    }

    /// The time in seconds since the latest of the events happened, to the millisecond and never
    /// negative; nil if none happened.
    public var lastSeen: Question<TimeInterval?> {
        Question(store: store, core: .lastSeen(events: events), reading: .ago)
    }

    /// The time in seconds since the earliest of the events happened, to the millisecond and never
    /// negative; nil if none happened.
    public var firstSeen: Question<TimeInterval?> {
        Question(store: store, core: .firstSeen(events: events), reading: .ago)
    }

    /// When the latest of the events happened, to the millisecond and not after now; nil if none
    /// happened.
    public var lastDate: Question<Date?> {
        Question(store: store, core: .lastDate(events: events), reading: .date)
    }

    /// When the earliest of the events happened, to the millisecond and not after now; nil if none
    /// happened.
    public var firstDate: Question<Date?> {
        Question(store: store, core: .firstDate(events: events), reading: .date)
    }

    /// How often the events ever happened; nil if none is known. Unlike `ever()` it includes counts
    /// that are older than every bucket.
    public var lifetime: Question<Int?> {
        Question(store: store, core: .lifetime(events: events), reading: .count)
    }
}

/// A question about the counts in some buckets.
public struct RangeQuery: Sendable {
    let store: EventStore
    let events: [String]
    let range: QueryRange

    /// The sum of the counts. Nil if no event is known, if the unit is not tracked, or if no
    /// tracked unit reaches back over a rolling range; 0 if an event is known and nothing was
    /// counted.
    public var sum: Question<Int?> { measure(.total, .count) }

    /// The sum divided by the number of buckets of the range. A calendar range ends at the tracked
    /// buckets. 0 for no buckets. Nil in the same cases as ``sum``.
    public var average: Question<Double?> { measure(.average, .number) }

    /// The sum divided by the number of buckets with counts. Nil if there are none, and in the same
    /// cases as ``sum``.
    public var averageNonzero: Question<Double?> { measure(.averageNonzero, .number) }

    /// The number of buckets with counts. Nil in the same cases as ``sum``.
    public var countNonzero: Question<Int?> { measure(.countNonzero, .count) }

    /// The index in the range, 0 for its newest bucket, of the newest bucket with counts. Nil if
    /// there is none, and in the same cases as ``sum``.
    public var newest: Question<Int?> { measure(.newest, .count) }

    /// The index in the range, 0 for its newest bucket, of the oldest bucket with counts. Nil if
    /// there is none, and in the same cases as ``sum``.
    public var oldest: Question<Int?> { measure(.oldest, .count) }

    /// The count of every bucket, newest first. Empty in the cases in which ``sum`` is nil.
    public var buckets: Question<[Int]> { measure(.buckets, .buckets) }

    /// The count of every bucket and the date on which it begins, oldest first: what a chart shows.
    /// Buckets without counts are in it. Empty in the cases in which ``sum`` is nil, and for units
    /// that are shorter than a day.
    public var bucketsByDate: Question<[DatedCount]> { measure(.bucketsByDate, .dated) }

    /// The least and the greatest number of times that the events can have happened in the range;
    /// nil if none is known. A range may reach back further than is tracked. The bounds are equal if
    /// every count of the range is known. They differ if a rolling window begins inside a bucket, if
    /// the range is older than the kept buckets, or if the unit was not tracked when an event was
    /// counted. If stored counts were lost in the range, the greatest number is `Int.max`.
    ///
    /// `atMost` and `cooldown` compare the greatest number, `atLeast` and `within` the least one.
    public var bounds: Question<ClosedRange<Int>?> {
        Question(store: store, core: .bounds(events: events, range: range.core), reading: .bounds)
    }

    /// Whether ``sum`` is exactly how often the events happened in the range: the ``bounds`` are
    /// equal to it. If they are not, the range reaches back further than is tracked, a rolling
    /// window begins inside a bucket, or counts are not known. False if no event is known.
    public var isComplete: Question<Bool> {
        Question(store: store, core: .isComplete(events: events, range: range.core), reading: .flag)
    }

    private func measure<Answer>(_ measure: Measure, _ reading: Reading<Answer>) -> Question<Answer> {
        Question(store: store, core: .counts(events: events, range: range.core, measure: measure), reading: reading)
    }
}

/// A question about the counts since the latest recording of a marker.
public struct SinceQuery: Sendable {
    let store: EventStore
    let events: [String]
    let marker: String

    /// How often the events happened since the marker; nil if none is known. If that is not exactly
    /// known, it is the greatest possible number, losses left aside. It is exact if this device
    /// recorded the marker last, as it happened, and only this device counted the events.
    ///
    /// If the event is not a marker of the store, the question throws
    /// ``EventError/invalidArgument(reason:event:)``.
    public var sum: Question<Int?> {
        Question(store: store, core: .since(events: events, marker: marker), reading: .count)
    }

    /// The least and the greatest number of times that the events can have happened since the
    /// marker; nil if none is known. They are equal if this device recorded the marker last, as it
    /// happened, and only this device counted the events. After a loss of stored counts they are 0
    /// and `Int.max`. `atMost` compares the greatest number, `atLeast` the least one.
    ///
    /// It throws as ``sum`` does.
    public var bounds: Question<ClosedRange<Int>?> {
        Question(store: store, core: .sinceBounds(events: events, marker: marker), reading: .bounds)
    }

    /// Whether the number is exactly known: the ``bounds`` are equal. False if no event is known.
    ///
    /// It throws as ``sum`` does.
    public var isComplete: Question<Bool> {
        Question(
            store: store, core: .sinceBounds(events: events, marker: marker),
            reading: .isComplete)
    }
}

/// A question about one event's count divided by another's.
public struct RatioQuery: RangeChoice {
    let store: EventStore
    let numerator: String
    let denominator: String

    /// Chooses the buckets.
    public func over(_ range: QueryRange) -> RatioRangeQuery {
        RatioRangeQuery(query: self, range: range)
    }
}

/// A question about a ratio over some buckets.
public struct RatioRangeQuery: Sendable {
    let query: RatioQuery
    let range: QueryRange

    /// The first count divided by the second. Nil if one of the events is not known, if the unit is
    /// not tracked, if no tracked unit reaches back over a rolling range, or if the second count is
    /// 0.
    public var value: Question<Double?> {
        let core = TinyCounterBindings.Question.ratio(
            numerator: query.numerator, denominator: query.denominator, range: range.core)
        return Question(store: query.store, core: core, reading: .number)
    }
}

/// A question about one event's count minus another's.
public struct DeltaQuery: RangeChoice {
    let store: EventStore
    let positive: String
    let negative: String

    /// Chooses the buckets.
    public func over(_ range: QueryRange) -> DeltaRangeQuery {
        DeltaRangeQuery(query: self, range: range)
    }
}

/// A question about a difference over some buckets.
public struct DeltaRangeQuery: Sendable {
    let query: DeltaQuery
    let range: QueryRange

    /// The first count minus the second. 0 if the unit is not tracked, or if no tracked unit
    /// reaches back over a rolling range.
    public var sum: Question<Int> {
        let core = TinyCounterBindings.Question.delta(
            positive: query.positive, negative: query.negative, range: range.core)
        return Question(store: query.store, core: core, reading: .difference)
    }

    /// The difference divided by the number of buckets of the range. A calendar range ends at the
    /// tracked buckets. 0 for no buckets.
    public var average: Question<Double> {
        let core = TinyCounterBindings.Question.deltaAverage(
            positive: query.positive, negative: query.negative, range: range.core)
        return Question(store: query.store, core: core, reading: .average)
    }
}
