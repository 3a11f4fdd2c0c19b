/// The name of an event as a value, for names that are written with a leading dot:
///
/// ```swift
/// extension EventID where Self == EventName {
///     static var launch: EventName { "app_launch" }
///     static var crash: EventName { "crash" }
/// }
///
/// store.record(.launch)
/// let days = try store.query(.launch).lastDays(28).countNonzero()
/// let tip = try store.limit("tip").cooldown(after: .crash, for: .days(2))
/// ```
///
/// Names are compared byte by byte, as in a store.
public struct EventName: EventID, Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let eventName: String

    /// Makes a name of a text.
    public init(_ name: String) {
        eventName = name
    }

    public init(stringLiteral name: String) {
        self.init(name)
    }

    /// The name.
    public var description: String { eventName }

    /// Whether the names are the same, byte by byte.
    public static func == (one: EventName, other: EventName) -> Bool {
        Name.isSame(one.eventName, other.eventName)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(Name(eventName)) }
}
