internal import TinyCounterBindings

/// One condition of a limit. It names the event that it looks at, or is a group of rules. A
/// limit with a number out of bounds, a group without rules or groups that nest more than 4 deep
/// cannot be made of rules: see ``EventStore/limit(_:_:)``.
///
/// The cases are for rules as data. The functions read like those of ``Limiter``:
///
/// ```swift
/// try store.limit("prompt").anyOf(
///     .within(.hours(24), of: "purchase"),
///     .allOf(.atLeast(20, of: "launch"), .cooldown(after: "crash", for: .days(7))))
/// ```
public enum Rule: Sendable, Hashable {
    /// The event happened fewer than `limit` times in the window. Pending reservations count. The
    /// limit is from 0 to 4,294,967,295.
    case atMost(event: String, limit: Int, window: TimeWindow)
    /// The event happened at least `count` times in the window. The count is from 0 to
    /// 4,294,967,295.
    case atLeast(event: String, count: Int, window: TimeWindow)
    /// The event did not happen within the last `span`. Pending reservations count. The span is
    /// greater than zero and at most 10,000 years.
    case cooldown(event: String, span: TimeSpan)
    /// The event happened within the last `span`, which is greater than zero and at most 10,000
    /// years.
    case within(event: String, span: TimeSpan)
    /// Now is a time of the schedule.
    case during(Schedule)
    /// Now is not a time of the schedule.
    case outside(Schedule)
    /// All of the rules pass.
    case allOf([Rule])
    /// At least one of the rules passes.
    case anyOf([Rule])
    /// None of the rules passes.
    case noneOf([Rule])
}

extension Rule {
    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    public static func atMost(_ limit: Int, of event: some EventID, within window: TimeWindow) -> Rule {
        .atMost(event: event.eventName, limit: limit, window: window)
    }

    /// The event happened at least `count` times in the window.
    public static func atLeast(_ count: Int, of event: some EventID, within window: TimeWindow = .ever) -> Rule {
        .atLeast(event: event.eventName, count: count, window: window)
    }

    /// The event did not happen within the last `span`. Pending reservations count.
    public static func cooldown(after event: some EventID, for span: TimeSpan) -> Rule {
        .cooldown(event: event.eventName, span: span)
    }

    /// The event happened within the last `span`.
    public static func within(_ span: TimeSpan, of event: some EventID) -> Rule {
        .within(event: event.eventName, span: span)
    }

    /// All of the rules pass.
    public static func allOf(_ rules: Rule...) -> Rule { .allOf(rules) }

    /// At least one of the rules passes.
    public static func anyOf(_ rules: Rule...) -> Rule { .anyOf(rules) }

    /// None of the rules passes.
    ///
    /// Inside, what is not certain counts for passing, so that the group does not pass by mistake:
    /// `atLeast` and `within` count what may have happened, and pass after a loss; `atMost` and
    /// `cooldown` count only what certainly happened.
    public static func noneOf(_ rules: Rule...) -> Rule { .noneOf(rules) }
}

/// The time that a rule looks back over.
///
/// `.days(7)` is the last 7 times 24 hours. ``calendar(_:_:)`` and its short forms, such as
/// ``today``, are calendar windows. `.since("update")` begins with another event.
public enum TimeWindow: Sendable, Hashable {
    /// The time up to now of this length, which is greater than zero and at most 10,000 years. For
    /// another length making a ``Limiter`` throws ``EventError/invalidArgument(reason:event:)``. If
    /// the window begins inside a bucket, the whole bucket counts for `atMost` and does not count
    /// for `atLeast`. With a limit or count of 1 the window is exact to the millisecond.
    case rolling(TimeSpan)
    /// Calendar units, the current one included: one day is today. The number is 1 or more; for
    /// another number making a ``Limiter`` throws ``EventError/invalidArgument(reason:event:)``.
    case calendar(Int, TimeUnit)
    /// The time strictly after the latest recording of a marker: all time if it never happened. The
    /// count is exact if this device recorded the marker last, as it happened, and only this device
    /// counted the event. Otherwise `atMost` takes the greatest possible count and `atLeast` the
    /// least one. If the event is not a marker of the store, making a ``Limiter`` throws
    /// ``EventError/invalidArgument(reason:event:)``.
    case since(marker: String)
    /// All time.
    case ever

    /// The time strictly after the latest recording of a marker, one of the `markers` with which
    /// the store was opened.
    public static func since(_ marker: some EventID) -> TimeWindow { .since(marker: marker.eventName) }
    /// The time since the latest session of this device: see ``EventStore/session()``.
    public static let sinceSession = TimeWindow.since(EventStore.sessionMarker)
    /// The time since the latest change of the app's version on this device: see
    /// ``EventStore/appVersion(_:)``.
    public static let sinceAppVersion = TimeWindow.since(EventStore.appVersionMarker)

    /// The last `count` seconds.
    public static func seconds(_ count: Double) -> TimeWindow { .rolling(.seconds(count)) }
    /// The last `count` minutes.
    public static func minutes(_ count: Double) -> TimeWindow { .rolling(.minutes(count)) }
    /// The last `count` hours.
    public static func hours(_ count: Double) -> TimeWindow { .rolling(.hours(count)) }
    /// The last `count` times 24 hours.
    public static func days(_ count: Double) -> TimeWindow { .rolling(.days(count)) }
    /// The last `count` times 7 days of 24 hours.
    public static func weeks(_ count: Double) -> TimeWindow { .rolling(.weeks(count)) }

    /// The current calendar day.
    public static let today = TimeWindow.calendar(1, .days)
    /// The current calendar week, from Monday.
    public static let thisWeek = TimeWindow.calendar(1, .weeks)
    /// The current calendar month.
    public static let thisMonth = TimeWindow.calendar(1, .months)
    /// The current calendar year.
    public static let thisYear = TimeWindow.calendar(1, .years)
}

extension [Rule] {
    /// The flat list of the bindings, in which a group is followed by its rules.
    var core: [TinyCounterBindings.Rule] { flatMap { [$0.core] + $0.group.core } }
}

extension Rule {
    /// The rules of a group; empty for other rules.
    var group: [Rule] {
        switch self {
        case .allOf(let rules), .anyOf(let rules), .noneOf(let rules): rules
        default: []
        }
    }

    fileprivate var core: TinyCounterBindings.Rule {
        switch self {
        case .atMost(let event, let limit, let window):
            .atMost(event: event, limit: Int64(limit), window: window.core)
        case .atLeast(let event, let count, let window):
            .atLeast(event: event, count: Int64(count), window: window.core)
        case .cooldown(let event, let span): .cooldown(event: event, millis: span.spanMillis)
        case .within(let event, let span): .within(event: event, millis: span.spanMillis)
        case .during(let schedule): .during(schedule: schedule.core)
        case .outside(let schedule): .outsideOf(schedule: schedule.core)
        case .allOf(let rules): .allOf(rules: Int32(clamping: rules.count))
        case .anyOf(let rules): .anyOf(rules: Int32(clamping: rules.count))
        case .noneOf(let rules): .noneOf(rules: Int32(clamping: rules.count))
        }
    }
}

extension TimeWindow {
    var core: TinyCounterBindings.Window {
        switch self {
        case .rolling(let span): .rolling(millis: span.spanMillis)
        case .calendar(let count, let unit): .calendar(count: Int64(count), unit: unit.core)
        case .since(let marker): .since(marker: marker)
        case .ever: .calendar(count: 1, unit: .ever)
        }
    }
}

extension [Rule] {
    /// The rules of a flat list of the bindings. It is read from its end, so a group finds its
    /// rules complete.
    init(_ core: [TinyCounterBindings.Rule]) {
        var backwards: [Rule] = []
        for rule in core.reversed() {
            backwards.append(Rule(rule, &backwards))
        }
        self = backwards.reversed()
    }

    /// Removes the rules of a group, of which the first stands last.
    fileprivate mutating func takeGroup(_ count: Int32) -> [Rule] {
        let group = suffix(Int(count))
        removeLast(group.count)
        return group.reversed()
    }
}

extension Rule {
    /// `later` are the rules after it, the last one first. A group takes its rules out of them.
    fileprivate init(_ core: TinyCounterBindings.Rule, _ later: inout [Rule]) {
        switch core {
        case .atMost(let event, let limit, let window):
            self = .atMost(event: event, limit: Int(clamping: limit), window: TimeWindow(window))
        case .atLeast(let event, let count, let window):
            self = .atLeast(event: event, count: Int(clamping: count), window: TimeWindow(window))
        case .cooldown(let event, let millis): self = .cooldown(event: event, span: TimeSpan(millis: millis))
        case .within(let event, let millis): self = .within(event: event, span: TimeSpan(millis: millis))
        case .during(let schedule): self = .during(Schedule(schedule))
        case .outsideOf(let schedule): self = .outside(Schedule(schedule))
        case .allOf(let rules): self = .allOf(later.takeGroup(rules))
        case .anyOf(let rules): self = .anyOf(later.takeGroup(rules))
        case .noneOf(let rules): self = .noneOf(later.takeGroup(rules))
        }
    }
}

extension TimeWindow {
    fileprivate init(_ core: TinyCounterBindings.Window) {
        switch core {
        case .rolling(let millis): self = .rolling(TimeSpan(millis: millis))
        case .calendar(let count, let unit):
            self = TimeUnit(unit).map { .calendar(Int(clamping: count), $0) } ?? .ever
        case .since(let marker): self = .since(marker: marker)
        }
    }
}
