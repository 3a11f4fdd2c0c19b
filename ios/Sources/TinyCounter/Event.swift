internal import TinyCounterBindings

/// A handle for one event that is recorded often: the name is not copied with every call. It keeps
/// its store in memory.
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
    private let handle: TinyCounterBindings.Event?

    init(_ name: String, of store: EventStore) {
        self.name = name
        self.store = store
        handle = try? store.core.event(name: name)
    }

    /// Records that the event happened now. The call never waits for the disk, unless the store
    /// writes inline.
    ///
    /// A name of more than 1,024 bytes of UTF-8 is not counted, nor is anything on a closed store;
    /// a warning is logged.
    public func record() {
        guard let handle else { return store.record(name) }
        // A count of 1 is always valid.
        try? handle.record(count: 1)
    }

    /// Records that the event happened `count` times now. A count of 0 makes the event known.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` unless the count is from 0 to
    ///   4,294,967,295.
    public func record(count: Int) throws(EventError) {
        guard let handle else { return try store.record(name, count: count) }
        try crossing { try handle.record(count: Int64(count)) }
    }

    /// Starts a question about the event.
    public var query: Query { store.query(name) }

    /// Starts a limit on the event.
    public var limit: Limiter { store.limit(name) }
}
