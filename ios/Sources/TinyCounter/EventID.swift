/// What can name an event: a string, or an app's own enum of strings.
///
/// ```swift
/// enum AppEvent: String, EventID {
///     case launch, crash
/// }
/// store.record(AppEvent.launch)
/// ```
///
/// Any string of up to 1,024 bytes in UTF-8 is a name, the empty one too.
public protocol EventID {
    /// The event's name, by which it is stored.
    var eventName: String { get }
}

extension String: EventID {
    public var eventName: String { self }
}

extension EventID where Self: RawRepresentable, RawValue == String {
    public var eventName: String { rawValue }
}
