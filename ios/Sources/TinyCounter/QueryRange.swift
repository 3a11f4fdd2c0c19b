internal import TinyCounterBindings

/// The buckets that a question is about. A calendar range reaches no further back than its unit is
/// tracked. A rolling range reaches back over one bucket less than twice the tracked ones.
public enum QueryRange: Sendable, Hashable {
    /// Buckets of a unit, counted back from the current one, which is 0: `0..<7` days are today and
    /// the six days before it.
    case units(TimeUnit, Range<Int>)
    /// From one bucket, counted back from the current one, to the oldest.
    case back(from: Int, TimeUnit)
    /// Every bucket that the last `TimeSpan` touches, of the finest tracked unit that reaches back
    /// that far. If the span begins inside a bucket, the whole bucket counts, as far as the bounds
    /// of the span allow. The answer is nil if no tracked unit does. A span of zero has no buckets.
    case rolling(TimeSpan)
    /// All buckets of the longest tracked unit. Older counts are included in
    /// ``EventQuery/lifetime`` only.
    case ever
    /// The current bucket of a unit and the `count - 1` before it.
    case last(_ count: Int, TimeUnit)
}

extension QueryRange {
    var core: TinyCounterBindings.QueryRange {
        switch self {
        case .units(let unit, let range):
            .units(unit: unit.core, from: Int64(range.lowerBound), to: Int64(range.upperBound))
        case .back(let from, let unit): .units(unit: unit.core, from: Int64(from), to: .max)
        case .rolling(let span): .rolling(millis: span.spanMillis)
        case .ever: .units(unit: .ever, from: 0, to: .max)
        case .last(let count, let unit): .units(unit: unit.core, from: 0, to: Int64(count))
        }
    }
}

/// A question whose buckets are not chosen yet.
///
/// Ranges with `last` in their names are calendar ranges: `lastDays(7)` is today so far and the six
/// days before it. ``rolling(_:)`` is the time up to now. A number of units is 0 or more.
public protocol RangeChoice: Sendable {
    /// The question about the chosen buckets.
    associatedtype Chosen

    /// Chooses the buckets.
    func over(_ range: QueryRange) -> Chosen
}

extension RangeChoice {
    /// Today so far: `lastDays(1)`.
    public func today() -> Chosen { lastDays(1) }
    /// This week so far, from Monday: `lastWeeks(1)`.
    public func thisWeek() -> Chosen { lastWeeks(1) }
    /// This month so far: `lastMonths(1)`.
    public func thisMonth() -> Chosen { lastMonths(1) }
    /// This year so far: `lastYears(1)`.
    public func thisYear() -> Chosen { lastYears(1) }
    /// The current second and the `count - 1` before it.
    public func lastSeconds(_ count: Int) -> Chosen { over(.last(count, .seconds)) }
    /// The current minute and the `count - 1` before it.
    public func lastMinutes(_ count: Int) -> Chosen { over(.last(count, .minutes)) }
    /// The current hour and the `count - 1` before it.
    public func lastHours(_ count: Int) -> Chosen { over(.last(count, .hours)) }
    /// Today so far and the `count - 1` calendar days before it.
    public func lastDays(_ count: Int) -> Chosen { over(.last(count, .days)) }
    /// This week so far, from Monday, and the `count - 1` before it.
    public func lastWeeks(_ count: Int) -> Chosen { over(.last(count, .weeks)) }
    /// This month so far and the `count - 1` before it.
    public func lastMonths(_ count: Int) -> Chosen { over(.last(count, .months)) }
    /// This year so far and the `count - 1` before it.
    public func lastYears(_ count: Int) -> Chosen { over(.last(count, .years)) }
    /// All buckets of the longest tracked unit. Older counts are included in
    /// ``EventQuery/lifetime`` only.
    public func ever() -> Chosen { over(.ever) }
    /// Calendar days, counted back from today, which is 0: `1..<8` are the seven days before today.
    public func days(_ range: Range<Int>) -> Chosen { over(.units(.days, range)) }
    /// Calendar days from `day`, counted back from today, which is 0, to the oldest.
    public func days(from day: Int) -> Chosen { over(.back(from: day, .days)) }
    /// Units counted back from the current one, which is 0: `range(.weeks, 1..<5)` are the four weeks
    /// before this one.
    public func range(_ unit: TimeUnit, _ range: Range<Int>) -> Chosen { over(.units(unit, range)) }
    /// The unit that is `first` units before the current one, and all tracked ones before it:
    /// `range(.weeks, from: 1)` is everything before this week.
    public func range(_ unit: TimeUnit, from first: Int) -> Chosen { over(.back(from: first, unit)) }
    /// Every bucket that the last `span` touches, of the finest tracked unit that reaches back that
    /// far. If the span begins inside a bucket, the whole bucket counts, as far as the bounds of
    /// the span allow. The answer is nil if no tracked unit does. A span of zero has no buckets.
    public func rolling(_ span: TimeSpan) -> Chosen { over(.rolling(span)) }
}
