internal import TinyCounterBindings

/// One event of a store, for events that are recorded often: its name is looked at once. It keeps its store alive.
///
/// ```swift
/// let tap = store.event("tap")
/// tap.record()
/// ```
public struct Event: Sendable {
    /// The event's name.
    public let name: String
    let store: EventStore
    // None for a name that cannot be counted: then the store says what it says to such a name.
    private let handle: TinyCounterBindings.Event?

    init(_ name: String, of store: EventStore) {
        self.name = name
        self.store = store
        handle = try? store.core.event(name: name)
    }

    /// Records that the event happened now. The call never waits for the disk, unless the store writes inline.
    ///
    /// A name of more than 1,024 bytes is not counted, nor is anything on a store that was closed.
    public func record() {
        guard let handle else { return store.record(name) }
        // Nothing is left to fail with this count.
        try? handle.record(count: 1)
    }

    /// Records that the event happened `count` times now; 0 makes it known.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` unless the count is from 0 to 4,294,967,295.
    public func record(count: Int) throws(EventError) {
        guard let handle else { return try store.record(name, count: count) }
        try crossing { try handle.record(count: Int64(count)) }
    }

    /// Begins a question about the event.
    public var query: Query { store.query(name) }

    /// Begins a limit on the event.
    public var limit: Limit { store.limit(name) }
}
