import Foundation
internal import TinyCounterBindings

/// The answer of a limit.
///
/// ```swift
/// switch try limit.checkAndRecord() {
/// case .allowed: showReviewPrompt()
/// case .refused(let refusals): log(refusals)
/// }
/// ```
public enum Decision: Sendable, Hashable {
    /// Every rule passes.
    case allowed
    /// These rules do not pass, in the order of the limit. Nothing was recorded.
    case refused([Refusal])

    /// Whether every rule passes.
    public var isAllowed: Bool { self == .allowed }

    /// The rules that do not pass.
    public var refusals: [Refusal] {
        if case .refused(let refusals) = self { refusals } else { [] }
    }

    /// The longest `retryAfter` of ``refusals``, in seconds. If nothing else is recorded, the limit
    /// refuses at least that long. 0 if every rule passes, nil if waiting does not help or the wait
    /// is not known.
    public var retryAfter: TimeInterval? { refusals.longestWait }
}

extension [Refusal] {
    /// The longest wait, 0 without refusals, nil if one of them has none.
    var longestWait: TimeInterval? {
        let waits = map(\.retryAfter)
        return waits.contains(nil) ? nil : waits.compactMap(\.self).max() ?? 0
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
    /// reservations included; for `atLeast` the least possible number. It can differ from the
    /// answer to a query. Nil for other rules.
    public let count: Int?
    /// Whether the rule refuses because stored counts were lost. It then refuses until the loss
    /// lies outside its window, or until `acknowledgeLoss()` is called.
    public let afterLoss: Bool
    /// The time in seconds until the rule passes if nothing else is recorded; nil if waiting does
    /// not help or the wait is not known.
    public let retryAfter: TimeInterval?
    /// The rule and the numbers in English, for a log.
    public let description: String
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
}

extension Decision {
    init(_ core: TinyCounterBindings.Decision, of rules: [Rule]) {
        self =
            switch core {
            case .allowed: .allowed
            case .refused(let refusals): .refused(refusals.map { Refusal($0, of: rules) })
            }
    }
}

extension Refusal {
    init(_ core: TinyCounterBindings.Refusal, of rules: [Rule]) {
        rule = rules[Int(core.rule)]
        count = core.count.map(Int.init(clamping:))
        afterLoss = core.afterLoss
        retryAfter = core.retryAfterMillis.map(TimeInterval.init(millis:))
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
