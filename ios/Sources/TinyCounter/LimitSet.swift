internal import TinyCounterBindings

/// Named limits, for example those that a server sends. A set is loaded as a whole or not at all.
///
/// Another set changes no count: a new rule sees everything that was recorded before.
///
/// ```swift
/// do {
///     rules = try LimitSet(json: text)
/// } catch {
///     report(error)  // and go on with the rules that the app has
/// }
/// if let limit = rules["tip"] { tip = try store.limit("tip", limit) }
/// ```
public struct LimitSet: Sendable, Hashable {
    private var byName: [Name: Limit]

    /// The limits with their names, sorted by the UTF-8 bytes of the names.
    public var limits: [(name: String, limit: Limit)] {
        byName.map { (name: $0.key.text, limit: $0.value) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Makes a set of limits.
    public init(_ limits: [String: Limit] = [:]) {
        byName = Dictionary(limits.map { (Name($0.key), $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The limit with this name; nil if there is none. Names are compared byte by byte, as those of
    /// events.
    public subscript(name: String) -> Limit? {
        get { byName[Name(name)] }
        set { byName[Name(name)] = newValue }
    }

    /// Reads the limits of a document, at most 1,024. `docs/rules.md` describes its form.
    ///
    /// - Throws: the same errors as ``Limit/init(json:)``. No limit is loaded then.
    public init(json: String) throws(EventError) {
        let core = try crossing { try limitSetFromJson(text: json) }
        byName = Dictionary(core.map { (Name($0.name), Limit($0.limit)) }, uniquingKeysWith: { $1 })
    }

    /// The JSON form of the set. ``init(json:)`` makes an equal set of it, in the same cases as
    /// ``Limit/json()``.
    ///
    /// - Throws: the same errors as ``Limit/json()``;
    ///   ``EventError/invalidRules(reason:place:)`` for an empty name, a name of more than 1,024
    ///   bytes of UTF-8 and more than 1,024 limits; ``EventError/invalidArgument(reason:event:)``
    ///   for more than 1 MiB.
    public func json() throws(EventError) -> String {
        let core = byName.map { NamedLimit(name: $0.key.text, limit: $0.value.core) }
        return try crossing { try limitSetToJson(limits: core) }
    }
}
