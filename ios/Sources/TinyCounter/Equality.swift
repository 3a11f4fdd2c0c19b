// Rules and limits that name events are equal if their names are the same for a store, which compares
// bytes. Two strings of Swift that are written differently can be equal.

extension Rule {
    /// The rule with its names as bytes.
    private enum Key: Hashable {
        case count(isMost: Bool, Name, Int, TimeWindow)
        case span(isCooldown: Bool, Name, TimeSpan)
        case schedule(isDuring: Bool, Schedule)
        case all([Rule])
        case any([Rule])
        case none([Rule])
    }

    private var key: Key {
        switch self {
        case .atMost(let event, let limit, let window): .count(isMost: true, Name(event), limit, window)
        case .atLeast(let event, let count, let window): .count(isMost: false, Name(event), count, window)
        case .cooldown(let event, let span): .span(isCooldown: true, Name(event), span)
        case .within(let event, let span): .span(isCooldown: false, Name(event), span)
        case .during(let schedule): .schedule(isDuring: true, schedule)
        case .outside(let schedule): .schedule(isDuring: false, schedule)
        case .allOf(let rules): .all(rules)
        case .anyOf(let rules): .any(rules)
        case .noneOf(let rules): .none(rules)
        }
    }

    /// Whether the rules are the same. Names of events are compared byte by byte, as in a store.
    public static func == (one: Rule, other: Rule) -> Bool { one.key == other.key }

    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension TimeWindow {
    /// The window with its name as bytes.
    private enum Key: Hashable {
        case rolling(TimeSpan)
        case calendar(Int, TimeUnit)
        case since(Name)
        case ever
    }

    private var key: Key {
        switch self {
        case .rolling(let span): .rolling(span)
        case .calendar(let count, let unit): .calendar(count, unit)
        case .since(let marker): .since(Name(marker))
        case .ever: .ever
        }
    }

    /// Whether the windows are the same. Names of markers are compared byte by byte, as in a store.
    public static func == (one: TimeWindow, other: TimeWindow) -> Bool { one.key == other.key }

    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension Limit {
    /// Whether the limits are the same. Names of events are compared byte by byte, as in a store.
    public static func == (one: Limit, other: Limit) -> Bool {
        one.rules == other.rules && Name.areSame(one.alsoRecord, other.alsoRecord)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(rules)
        alsoRecord.forEach { hasher.combine(Name($0)) }
    }
}
