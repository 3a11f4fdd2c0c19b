/// The name of an event: a string, a case of an enum of strings, or an ``EventName``.
///
/// ```swift
/// enum AppEvent: String, EventID {
///     case launch, crash
/// }
/// store.record(AppEvent.launch)
/// ```
///
/// Every string of up to 1,024 bytes of UTF-8 is a valid name, including the empty string.
public protocol EventID {
    /// The name under which the event is stored.
    var eventName: String { get }
}

extension String: EventID {
    public var eventName: String { self }
}

extension EventID where Self: RawRepresentable, RawValue == String {
    public var eventName: String { rawValue }
}
