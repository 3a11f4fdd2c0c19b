import Foundation
internal import TinyCounterBindings

// Calls that wait for the disk have two versions with one name: an `async` one, which async
// functions use, and a blocking one. An async call that has started runs to its end, even if its
// task is cancelled.

extension EventStore {
    /// Whether anything changed since the last persist. An erasure is a change, because a persist
    /// removes the name from the files.
    public var isDirty: Bool { core.isDirty() }

    /// Saves everything that changed since the last persist, and removes the names of erased events
    /// from the files. When it returns, that survives a power loss. It waits for the disk.
    ///
    /// - Throws: ``EventError/storage(reason:event:)`` for a store in memory;
    ///   ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)`` if the
    ///   storage cannot be written; ``EventError/closed(reason:)``. What was not saved stays dirty.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func persist() throws(EventError) {
        try crossing { try core.persist() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func persist() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.persist() }
    }

    /// Saves everything that changed, as `persist()` does, and closes the store. Later calls throw
    /// ``EventError/closed(reason:)``, or do nothing if they cannot throw. Closing again does
    /// nothing. It waits for the disk.
    ///
    /// - Throws: ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)``
    ///   if the storage cannot be written. The store is closed in any case.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func close() throws(EventError) {
        try crossing { try closeCore() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func close() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.close() }
    }

    /// Opens a store in a folder again after it was closed, or after
    /// ``EventError/unavailable(reason:event:)``. Handles, limits and questions of the store stay
    /// valid. It waits for the disk. ``persistInBackground(on:center:onError:)`` calls it for a
    /// store that stayed closed because its files could not be read.
    ///
    /// A closed store reads its files, as `init` does; what could not be written before it was
    /// closed is lost. An open store persists. But if somebody else changed its files, for example
    /// another process, it closes and reads them; what it had not written is lost then, and there
    /// is a warning.
    ///
    /// - Throws: the errors of `init` if the files cannot be read: the store is closed then, and
    ///   can be reopened later. Those of `persist()` if they cannot be written: the store stays
    ///   open then. ``EventError/storage(reason:event:)`` for a store in memory.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func reopen() throws(EventError) {
        try reopenCore()
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func reopen() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.reopen() }
    }

    /// Acknowledges the losses that ``health`` reports: they are no longer reported, and limits no
    /// longer refuse because of them. The damaged data of events is given up: what was
    /// recorded since, and what can be read, takes its place. Events of a newer version stay. It
    /// waits for the disk.
    ///
    /// - Throws: ``EventError/storage(reason:event:)``, ``EventError/unavailable(reason:event:)``
    ///   or ``EventError/closed(reason:)`` if that cannot be saved.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func acknowledgeLoss() throws(EventError) {
        try crossing { try core.acknowledgeLoss() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func acknowledgeLoss() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.acknowledgeLoss() }
    }

    // MARK: Erasing

    /// Erases an event, here and on every device that merges a later export of this store. It waits
    /// for the disk. The name stays in the files until the next persist or close, and in a copy of
    /// a damaged file (``Health/keptAside``) for up to 30 days; `eraseEvents(_:)` removes both at
    /// once.
    ///
    /// - Returns: Whether the event was known.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a name of more than 1,024 bytes
    ///   of UTF-8, ``EventError/unavailable(reason:event:)`` if the event cannot be read now, and
    ///   ``EventError/closed(reason:)``; nothing is erased then.
    ///   ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)`` if the
    ///   erasure cannot be written; the event is erased in memory then, and the next persist writes
    ///   that.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    @discardableResult
    public func erase(_ event: some EventID) throws(EventError) -> Bool {
        try crossing { try core.eraseEvent(event: event.eventName) }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Returns: Whether the event was known.
    /// - Throws: the same errors as the blocking version.
    @discardableResult
    public func erase(_ event: some EventID) async throws(EventError) -> Bool {
        let name = event.eventName
        return try await offThread { () throws(EventError) in try self.erase(name) }
    }

    /// Erases several events in one step, all or none, here and on every device that merges a later
    /// export of this store. An event may stand in the list more than once. When it returns, no
    /// file of the store holds one of the names. It waits for the disk.
    ///
    /// - Returns: How many of them were known.
    /// - Throws: the same errors as `erase(_:)`.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    @discardableResult
    public func eraseEvents(_ events: [some EventID]) throws(EventError) -> Int {
        let names = events.map(\.eventName)
        return Int(clamping: try crossing { try core.eraseEvents(events: names) })
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Returns: How many of them were known.
    /// - Throws: the same errors as the blocking version.
    @discardableResult
    public func eraseEvents(_ events: [some EventID]) async throws(EventError) -> Int {
        let names = events.map(\.eventName)
        return try await offThread { () throws(EventError) in try self.eraseEvents(names) }
    }

    /// Erases all events, here and on every device that merges a later export of this store. When
    /// it returns, no file of the store holds the name of an erased event. It waits for the disk.
    ///
    /// - Returns: How many events were known; damaged ones are not included.
    /// - Throws: the same errors as `erase(_:)`.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    @discardableResult
    public func eraseAll() throws(EventError) -> Int {
        Int(clamping: try crossing { try core.eraseAll() })
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Returns: How many events were known; damaged ones are not included.
    /// - Throws: the same errors as the blocking version.
    @discardableResult
    public func eraseAll() async throws(EventError) -> Int {
        try await offThread { () throws(EventError) in try self.eraseAll() }
    }
}
