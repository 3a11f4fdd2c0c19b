import Foundation
internal import TinyCounterBindings

extension Limiter {
    /// Returns what each rule counts and says now, as data and as a table: for a debug screen or a
    /// bug report. It names no events other than those of the rules.
    ///
    /// ```swift
    /// print(try prompt.explain())
    /// ```
    ///
    /// - Throws: the same errors as ``check()``.
    public func explain() throws(EventError) -> Explanation {
        let core = try core()
        return Explanation(try crossing { try core.explain() }, of: limit.rules)
    }
}

/// What a limit says at one instant, rule by rule. It names no events other than those of the
/// rules.
public struct Explanation: Sendable, Hashable, CustomStringConvertible {
    /// The instant.
    public let at: Date
    /// Whether the limit passes.
    public let passes: Bool
    /// The time in seconds until the whole limit passes if nothing else is recorded: 0 if it passes
    /// now, nil in the cases in which ``Refused/retryAfter`` is nil.
    public let retryAfter: TimeInterval?
    /// ``retryAfter`` as an instant of the store's clock: ``at`` if the limit passes.
    public let retryAt: Date?
    /// The rules, in the order of the limit.
    public let rules: [ExplainedRule]
    /// All of it in English, with a Markdown table of a row for each rule. Instants are in the time
    /// zone of the store.
    public let description: String

    /// Makes one, for the tests of an app.
    public init(
        at: Date,
        passes: Bool,
        retryAfter: TimeInterval? = nil,
        retryAt: Date? = nil,
        rules: [ExplainedRule] = [],
        description: String = ""
    ) {
        self.at = at
        self.passes = passes
        self.retryAfter = retryAfter
        self.retryAt = retryAt
        self.rules = rules
        self.description = description
    }
}

/// What one rule says at one instant.
public struct ExplainedRule: Sendable, Hashable {
    /// The rule.
    public let rule: Rule
    /// Whether it passes.
    public let passes: Bool
    /// The least and the greatest number of times that the event can have happened in the window,
    /// without reservations. Nil for schedules and groups.
    public let counted: ClosedRange<Int>?
    /// The pending reservations that the rule counts too.
    public let reserved: Int
    /// Whether stored counts of the window were lost. `atMost` and `cooldown` then refuse; directly
    /// in a `noneOf`, `atLeast` and `within` then pass.
    public let afterLoss: Bool
    /// When the window begins. It ends with ``Explanation/at``. Nil for all time, for schedules and
    /// for groups.
    public let since: Date?
    /// The time in seconds until the rule stops passing, or passes, if nothing else is recorded.
    /// Nil if it stays as it is, or if that is not known.
    public let changesAfter: TimeInterval?
    /// The rules of a group; empty for other rules.
    public let rules: [ExplainedRule]

    /// Makes one, for the tests of an app.
    public init(
        rule: Rule,
        passes: Bool,
        counted: ClosedRange<Int>? = nil,
        reserved: Int = 0,
        afterLoss: Bool = false,
        since: Date? = nil,
        changesAfter: TimeInterval? = nil,
        rules: [ExplainedRule] = []
    ) {
        self.rule = rule
        self.passes = passes
        self.counted = counted
        self.reserved = reserved
        self.afterLoss = afterLoss
        self.since = since
        self.changesAfter = changesAfter
        self.rules = rules
    }
}

extension Explanation {
    fileprivate init(_ core: TinyCounterBindings.Explanation, of rules: [Rule]) {
        at = Date(unixMillis: core.atUnixMillis)
        passes = core.passes
        retryAfter = core.retryAfterMillis.map(TimeInterval.init(millis:))
        retryAt = core.retryAfterMillis.map { Date(unixMillis: core.atUnixMillis + $0) }
        self.rules = zip(core.rules, rules).map(ExplainedRule.init)
        description = core.text
    }
}

extension ExplainedRule {
    fileprivate init(_ core: TinyCounterBindings.ExplainedRule, of rule: Rule) {
        self.rule = rule
        passes = core.passes
        counted = core.counted.map { Int(clamping: $0.lower)...Int(clamping: max($0.lower, $0.upper)) }
        reserved = Int(clamping: core.reserved)
        afterLoss = core.afterLoss
        since = core.sinceUnixMillis.map(Date.init(unixMillis:))
        changesAfter = core.changesAfterMillis.map(TimeInterval.init(millis:))
        rules = zip(core.rules, rule.group).map(ExplainedRule.init)
    }
}
