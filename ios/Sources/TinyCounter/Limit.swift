internal import TinyCounterBindings

/// Rules that must all pass, as a value.
///
/// `limit(_:_:)` of a store asks it for an event. One limit can be asked for any number of events,
/// and in any number of stores.
///
/// ```swift
/// let calm = Limit(
///     .atMost(3, of: "any_message", within: .days(7)),
///     .cooldown(after: "crash", for: .days(2)),
///     alsoRecord: ["any_message"])
/// let tip = try store.limit("tip", calm)
/// let offer = try store.limit("offer", calm)
/// ```
///
/// A limit has at most 64 rules. Without rules it always passes.
public struct Limit: Sendable, Hashable {
    /// The rules.
    public var rules: [Rule]
    /// The events that are recorded once in the same step whenever the limit records an event, and
    /// that a reservation reserves too: at most 8, none of them twice, and none of them the event
    /// that the limit is asked for. For others making a ``Limiter`` throws
    /// ``EventError/invalidArgument(reason:event:)``.
    public var alsoRecord: [String]

    /// Makes a limit of a list of rules.
    public init(rules: [Rule], alsoRecord: [String] = []) {
        self.rules = rules
        self.alsoRecord = alsoRecord
    }

    /// Makes a limit of rules.
    public init(_ rules: Rule..., alsoRecord: [String] = []) {
        self.init(rules: rules, alsoRecord: alsoRecord)
    }

    /// This limit with one more rule.
    public func adding(_ rule: Rule) -> Limit {
        Limit(rules: rules + [rule], alsoRecord: alsoRecord)
    }

    /// This limit with the rules of another one, and with what both also record.
    public func adding(_ other: Limit) -> Limit {
        let further = other.alsoRecord.filter { name in !alsoRecord.contains { Name.isSame($0, name) } }
        return Limit(rules: rules + other.rules, alsoRecord: alsoRecord + further)
    }
}

extension Limit {
    /// Reads a limit from its JSON form, which `docs/rules.md` describes. What is unknown or wrong
    /// is an error; nothing is skipped. Whether the windows fit the tracked units of a store is
    /// checked when ``EventStore/limit(_:_:)`` makes a ``Limiter`` of it.
    ///
    /// - Throws: ``EventError/invalidRules(reason:place:)`` with the place of what is wrong and
    ///   what was expected there; ``EventError/incompatible(reason:event:)`` for a newer version of
    ///   the form; ``EventError/invalidArgument(reason:event:)`` for more than 1 MiB of UTF-8.
    public init(json: String) throws(EventError) {
        self.init(try crossing { try limitFromJson(text: json) })
    }

    /// The JSON form of the limit. ``init(json:)`` makes an equal limit of it, except that spans
    /// are rounded to milliseconds and that a schedule until 0:00 comes back as one until 24:00.
    /// Equal limits have the same form.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a number out of bounds, for more
    ///   than 64 rules, and for groups without rules or more than 4 deep;
    ///   ``EventError/invalidRules(reason:place:)`` for a name of more than 1,024 bytes of UTF-8,
    ///   and for what ``alsoRecord`` does not take.
    public func json() throws(EventError) -> String {
        try crossing { try limitToJson(limit: core) }
    }

    init(_ core: TinyCounterBindings.Limit) {
        self.init(rules: [Rule](core.rules), alsoRecord: core.alsoRecord)
    }

    var core: TinyCounterBindings.Limit {
        .init(rules: rules.core, alsoRecord: alsoRecord)
    }
}
