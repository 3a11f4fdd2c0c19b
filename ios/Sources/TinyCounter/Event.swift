internal import TinyCounterBindings
internal import TinyCounterFFI

/// A handle for one event that is recorded often: the name is not looked up with every call. It
/// keeps its store in memory.
///
/// ```swift
/// let tap = store.event("tap")
/// tap.record()
/// ```
public struct Event: Sendable {
    /// The event's name.
    public let name: String
    let store: EventStore
    // Nil for a name that is too long. The calls then go to the store, which rejects the name.
    private let number: EventNumber?

    init(_ name: String, of store: EventStore) {
        self.name = name
        self.store = store
        number = store.number(of: name)
    }

    /// Records that the event happened now. The call never waits for the disk, unless the store
    /// writes inline.
    ///
    /// A name of more than 1,024 bytes of UTF-8 is not counted, nor is anything on a closed store;
    /// a warning is logged.
    public func record() {
        // A count of 1 is always valid.
        try? record(count: 1)
    }

    /// Records that the event happened `count` times now. A count of 0 makes the event known.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` unless the count is from 0 to
    ///   4,294,967,295.
    public func record(count: Int) throws(EventError) {
        // If the number records nothing, the name is passed, and the core says why.
        guard number?.record(Int64(count)) == true else { return try store.recordByName(name, Int64(count)) }
    }

    /// Starts a question about the event.
    public var query: EventQuery { store.query(name) }

    /// Starts a limit on the event.
    public var limit: Limiter { store.limit(name) }
}

/// A number of an event, for the symbols that take numbers. It is released with this object.
final class EventNumber: Sendable {
    private let value: Int64

    init(_ value: Int64) {
        self.value = value
    }

    deinit {
        tiny_counter_release(value)
    }

    /// Returns whether anything was recorded.
    func record(_ count: Int64) -> Bool {
        withExtendedLifetime(self) { tiny_counter_record(value, count) == 1 }
    }
}
