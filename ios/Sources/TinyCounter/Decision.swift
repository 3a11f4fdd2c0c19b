import Foundation
internal import TinyCounterBindings

/// The answer of a limit.
///
/// ```swift
/// switch try limit.checkAndRecord() {
/// case .allowed: showReviewPrompt()
/// case .refused(let refused): tryAgain(at: refused.retryAt)
/// }
/// ```
public enum Decision: Sendable, Hashable {
    /// Every rule passes.
    case allowed
    /// Some rules do not pass. Nothing was recorded.
    case refused(Refused)

    /// Whether every rule passes.
    public var isAllowed: Bool { self == .allowed }

    /// The rules that do not pass, in the order of the limit.
    public var refusals: [Refusal] {
        if case .refused(let refused) = self { refused.refusals } else { [] }
    }

    /// The time in seconds until the whole limit passes: see ``Refused/retryAfter``. 0 if every
    /// rule passes.
    public var retryAfter: TimeInterval? {
        if case .refused(let refused) = self { refused.retryAfter } else { 0 }
    }

    /// The instant at which the whole limit passes: see ``Refused/retryAt``. Nil also if every rule
    /// passes.
    public var retryAt: Date? {
        if case .refused(let refused) = self { refused.retryAt } else { nil }
    }
}

/// Why a limit does not pass, and when it passes.
public struct Refused: Sendable, Hashable {
    /// Every rule that does not pass, in the order of the limit.
    public let refusals: [Refusal]
    /// The time in seconds until the whole limit passes if nothing else is recorded: the first
    /// instant at which all of its rules pass together. Each rule may pass earlier. Nil if waiting
    /// does not help, or if that is not known: if the rules do not pass together within the longest
    /// window and 400 days after each of them passed, or if finding out takes more than 4,096
    /// steps.
    public let retryAfter: TimeInterval?
    /// ``retryAfter`` as an instant of the store's clock.
    public let retryAt: Date?

    /// Makes one, for the tests of an app.
    public init(refusals: [Refusal] = [], retryAfter: TimeInterval? = nil, retryAt: Date? = nil) {
        self.refusals = refusals
        self.retryAfter = retryAfter
        self.retryAt = retryAt
    }
}

extension Decision: CustomStringConvertible {
    /// The decision in English, for a log.
    public var description: String {
        isAllowed ? "allowed" : "refused: " + refusals.map(\.description).joined(separator: "; ")
    }
}

/// A rule that does not pass.
public struct Refusal: Sendable, Hashable, CustomStringConvertible {
    /// The rule.
    public let rule: Rule
    /// What was counted for the rule: for `atMost` the greatest possible number, pending
    /// reservations included; for `atLeast` the least possible number. Directly in a
    /// `noneOf` it is the other one. It can differ from the answer to a query. Nil for other rules.
    public let count: Int?
    /// Whether the rule refuses because stored counts were lost; if `passes`, whether it passes
    /// because of that. That lasts until the loss lies outside its window, or until
    /// `acknowledgeLoss()` is called.
    public let afterLoss: Bool
    /// The time in seconds until the rule passes if nothing else is recorded; nil if waiting does
    /// not help or the wait is not known. If the rule passes now, the time until it stops passing.
    public let retryAfter: TimeInterval?
    /// Whether the rule passes now. It is true only in ``branches``, for a rule that has to stop
    /// passing.
    public let passes: Bool
    /// For a group, the rules in it that would have to change: for `allOf` those that do not pass,
    /// for `anyOf` every rule, any of which is enough, for `noneOf` those that pass. If the group
    /// itself has to stop passing, the same for that. Empty for other rules.
    public let branches: [Refusal]
    /// The rule and the numbers in English, for a log.
    public let description: String

    /// Makes one, for the tests of an app.
    public init(
        rule: Rule,
        count: Int? = nil,
        afterLoss: Bool = false,
        retryAfter: TimeInterval? = nil,
        passes: Bool = false,
        branches: [Refusal] = [],
        description: String = ""
    ) {
        self.rule = rule
        self.count = count
        self.afterLoss = afterLoss
        self.retryAfter = retryAfter
        self.passes = passes
        self.branches = branches
        self.description = description
    }
}

/// How much of a limit is used.
public struct LimitUsage: Sendable, Hashable {
    /// The greatest number of times that the event can have happened in the window, pending
    /// reservations included. It can differ from the answer to a query.
    public let count: Int
    /// The limit.
    public let limit: Int
    /// How many more the limit allows.
    public let remaining: Int

    /// Makes one, for the tests of an app.
    public init(count: Int, limit: Int, remaining: Int) {
        self.count = count
        self.limit = limit
        self.remaining = remaining
    }
}

extension Decision {
    init(_ core: TinyCounterBindings.Decision, of rules: [Rule]) {
        self =
            switch core {
            case .allowed: .allowed
            case .refused(let refusal): .refused(Refused(refusal, of: rules))
            }
    }
}

extension Refused {
    init(_ core: TinyCounterBindings.LimitRefusal, of rules: [Rule]) {
        refusals = core.refusals.map { Refusal($0, of: rules) }
        retryAfter = core.retryAfterMillis.map(TimeInterval.init(millis:))
        retryAt = core.retryAtUnixMillis.map(Date.init(unixMillis:))
    }
}

extension Refusal {
    init(_ core: TinyCounterBindings.Refusal, of rules: [Rule]) {
        let rule = rules[Int(core.rule)]
        self.rule = rule
        count = core.count.map(Int.init(clamping:))
        afterLoss = core.afterLoss
        retryAfter = core.retryAfterMillis.map(TimeInterval.init(millis:))
        passes = core.passes
        branches = core.branches.map { Refusal($0, of: rule.group) }
        description = core.text
    }
}

extension LimitUsage {
    init(_ core: TinyCounterBindings.LimitUsage) {
        count = Int(clamping: core.count)
        limit = Int(clamping: core.limit)
        remaining = Int(clamping: core.remaining)
    }
}
