// Rules and limits that name events are equal if their names are the same for a store, which compares
// bytes. Two strings of Swift that are written differently can be equal.

extension Rule {
    /// Whether the rules are the same. Names of events are compared byte by byte, as in a store.
    public static func == (one: Rule, other: Rule) -> Bool {
        switch (one, other) {
        case (.atMost(let event, let limit, let window), .atMost(let otherEvent, let otherLimit, let otherWindow)):
            Name.isSame(event, otherEvent) && limit == otherLimit && window == otherWindow
        case (.atLeast(let event, let count, let window), .atLeast(let otherEvent, let otherCount, let otherWindow)):
            Name.isSame(event, otherEvent) && count == otherCount && window == otherWindow
        case (.cooldown(let event, let span), .cooldown(let otherEvent, let otherSpan)),
            (.within(let event, let span), .within(let otherEvent, let otherSpan)):
            Name.isSame(event, otherEvent) && span == otherSpan
        case (.during(let schedule), .during(let other)), (.outside(let schedule), .outside(let other)): schedule == other
        case (.allOf(let rules), .allOf(let others)), (.anyOf(let rules), .anyOf(let others)),
            (.noneOf(let rules), .noneOf(let others)):
            rules == others
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .atMost(let event, let limit, let window):
            hasher.combine(0)
            hasher.combine(Name(event))
            hasher.combine(limit)
            hasher.combine(window)
        case .atLeast(let event, let count, let window):
            hasher.combine(1)
            hasher.combine(Name(event))
            hasher.combine(count)
            hasher.combine(window)
        case .cooldown(let event, let span):
            hasher.combine(2)
            hasher.combine(Name(event))
            hasher.combine(span)
        case .within(let event, let span):
            hasher.combine(3)
            hasher.combine(Name(event))
            hasher.combine(span)
        case .during(let schedule):
            hasher.combine(4)
            hasher.combine(schedule)
        case .outside(let schedule):
            hasher.combine(5)
            hasher.combine(schedule)
        case .allOf(let rules):
            hasher.combine(6)
            hasher.combine(rules)
        case .anyOf(let rules):
            hasher.combine(7)
            hasher.combine(rules)
        case .noneOf(let rules):
            hasher.combine(8)
            hasher.combine(rules)
        }
    }
}

extension TimeWindow {
    /// Whether the windows are the same. Names of markers are compared byte by byte, as in a store.
    public static func == (one: TimeWindow, other: TimeWindow) -> Bool {
        switch (one, other) {
        case (.rolling(let span), .rolling(let other)): span == other
        case (.calendar(let count, let unit), .calendar(let otherCount, let otherUnit)): count == otherCount && unit == otherUnit
        case (.since(let marker), .since(let other)): Name.isSame(marker, other)
        case (.ever, .ever): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .rolling(let span): hasher.combine(span)
        case .calendar(let count, let unit):
            hasher.combine(count)
            hasher.combine(unit)
        case .since(let marker): hasher.combine(Name(marker))
        case .ever: hasher.combine(0)
        }
    }
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
