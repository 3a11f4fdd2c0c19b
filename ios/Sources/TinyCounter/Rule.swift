internal import TinyCounterBindings

/// One demand of a limit. Each counts its own event.
public enum Rule: Sendable, Hashable {
    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    case atMost(event: String, limit: Int, window: Window)
    /// The event happened at least `count` times in the window.
    case atLeast(event: String, count: Int, window: Window)
    /// The event did not happen in the last so much of time.
    case cooldown(event: String, span: TimeSpan)
    /// The event happened in the last so much of time.
    case within(event: String, span: TimeSpan)
    /// The schedule holds.
    case during(Schedule)
    /// The schedule does not hold.
    case outside(Schedule)
}

/// What a rule looks back at.
///
/// `.days(7)` is the last seven times 24 hours; ``calendar(_:_:)`` and its short forms, as ``today``, are of the calendar.
public enum Window: Sendable, Hashable {
    /// The last so much of time. A bucket that straddles its beginning counts for `atMost` and does not for `atLeast`; with a limit or count of
    /// 1 it is exact to the millisecond.
    case rolling(TimeSpan)
    /// Calendar units that end with the current one: one day is today.
    case calendar(Int, TimeUnit)
    /// All time.
    case ever

    /// The last so many seconds.
    public static func seconds(_ count: Double) -> Window { .rolling(.seconds(count)) }
    /// The last so many minutes.
    public static func minutes(_ count: Double) -> Window { .rolling(.minutes(count)) }
    /// The last so many hours.
    public static func hours(_ count: Double) -> Window { .rolling(.hours(count)) }
    /// The last so many times 24 hours.
    public static func days(_ count: Double) -> Window { .rolling(.days(count)) }
    /// The last so many times seven days of 24 hours.
    public static func weeks(_ count: Double) -> Window { .rolling(.weeks(count)) }

    /// The current calendar day.
    public static let today = Window.calendar(1, .days)
    /// The current calendar week, from Monday.
    public static let thisWeek = Window.calendar(1, .weeks)
    /// The current calendar month.
    public static let thisMonth = Window.calendar(1, .months)
    /// The current calendar year.
    public static let thisYear = Window.calendar(1, .years)
}

/// A recurring stretch of time, by the store's time zone, or by UTC where `local` is false.
public enum Schedule: Sendable, Hashable {
    /// From the start of one hour, 0 to 23, to the start of another, 0 to 24. A start after the end runs over midnight.
    case hours(from: Int, to: Int, local: Bool = true)
    /// Monday to Friday.
    case weekdays(local: Bool = true)
    /// Saturday and Sunday.
    case weekends(local: Bool = true)
}

extension Rule {
    var core: TinyCounterBindings.Rule {
        switch self {
        case .atMost(let event, let limit, let window):
            .atMost(event: event, limit: Int64(limit), window: window.core)
        case .atLeast(let event, let count, let window):
            .atLeast(event: event, count: Int64(count), window: window.core)
        case .cooldown(let event, let span): .cooldown(event: event, millis: span.millis)
        case .within(let event, let span): .within(event: event, millis: span.millis)
        case .during(let schedule): .during(schedule: schedule.core)
        case .outside(let schedule): .outsideOf(schedule: schedule.core)
        }
    }
}

extension Window {
    var core: TinyCounterBindings.Window {
        switch self {
        case .rolling(let span): .rolling(millis: span.millis)
        case .calendar(let count, let unit): .calendar(count: Int64(count), unit: unit.core)
        case .ever: .calendar(count: 1, unit: .ever)
        }
    }
}

extension Schedule {
    var core: TinyCounterBindings.Schedule {
        switch self {
        case .hours(let start, let end, let local):
            .hours(start: Int32(clamping: start), end: Int32(clamping: end), local: local)
        case .weekdays(let local): .weekdays(local: local)
        case .weekends(let local): .weekends(local: local)
        }
    }
}
