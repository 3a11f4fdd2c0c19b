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
    public func close() throws(EventError) {
        try crossing { try core.shutdown() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func close() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.close() }
    }

    /// Acknowledges the losses that ``health`` reports: they are no longer reported, and limits no
    /// longer refuse because of them. The stored data of damaged events is given up: what was
    /// recorded of them since takes its place. Events of a newer version stay as they are. It waits
    /// for the disk.
    ///
    /// - Throws: ``EventError/storage(reason:event:)``, ``EventError/unavailable(reason:event:)``
    ///   or ``EventError/closed(reason:)`` if that cannot be saved.
    public func acknowledgeLoss() throws(EventError) {
        try crossing { try core.acknowledgeLoss() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func acknowledgeLoss() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.acknowledgeLoss() }
    }

    // MARK: Other devices

    /// Returns all events as bytes, for `merge(_:)` on another device. Without ``SyncKeys`` the
    /// bytes hold names and counts that are not encrypted, and whoever can change them on their way
    /// can add counts and erase events. Everything is saved first, so it waits for the disk.
    ///
    /// - Throws: ``EventError/unavailable(reason:event:)``, ``EventError/corrupt(reason:event:)``
    ///   or ``EventError/storage(reason:event:)`` if an event cannot be read, which the error
    ///   names, or if something cannot be saved; ``EventError/storage(reason:event:)`` for more
    ///   than 100,000 events and ``EventError/corrupt(reason:event:)`` for more than 32 MiB, which
    ///   no store accepts; ``EventError/closed(reason:)``.
    public func export() throws(EventError) -> Data {
        try crossing { try core.exportBytes() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func export() async throws(EventError) -> Data {
        try await offThread { () throws(EventError) in try self.export() }
    }

    /// Like `export()`, but without what the store with this sync state has already. `knowledge` is
    /// what that store's ``knowledge()`` returned.
    ///
    /// - Throws: ``EventError/corrupt(reason:event:)`` or
    ///   ``EventError/incompatible(reason:event:)`` for a sync state that cannot be read; with
    ///   ``SyncKeys`` also ``EventError/corrupt(reason:event:)`` for one that is not sealed, or
    ///   sealed with another key; without them ``EventError/incompatible(reason:event:)`` for a
    ///   sealed one; otherwise the same errors as `export()`.
    public func export(since knowledge: Data) throws(EventError) -> Data {
        try crossing { try core.exportSince(knowledge: knowledge) }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func export(since knowledge: Data) async throws(EventError) -> Data {
        try await offThread { () throws(EventError) in try self.export(since: knowledge) }
    }

    /// Returns what `export()` or `export(since:)` returns, in parts of about `maxBytes`, for a
    /// transport that limits the size of a message. Each part is merged with `merge(_:)`, in any
    /// order and any number of times. A part is longer than `maxBytes` if the counts of one event on
    /// one device are. Any number of events fits.
    ///
    /// - Parameter knowledge: what ``knowledge()`` of the receiving store returned. Nil: everything.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a negative `maxBytes`; otherwise
    ///   the same errors as `export(since:)`.
    public func exportParts(maxBytes: Int, since knowledge: Data? = nil) throws(EventError) -> [Data] {
        try crossing {
            guard let knowledge else { return try core.exportParts(maxBytes: Int64(maxBytes)) }
            return try core.exportPartsSince(knowledge: knowledge, maxBytes: Int64(maxBytes))
        }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func exportParts(maxBytes: Int, since knowledge: Data? = nil) async throws(EventError) -> [Data] {
        try await offThread { () throws(EventError) in
            try self.exportParts(maxBytes: maxBytes, since: knowledge)
        }
    }

    /// Returns the sync state of this store: what it knows of all replicas. Pass it to
    /// `export(since:)` of another store, which then exports only what is new to this store.
    ///
    /// - Throws: ``EventError/closed(reason:)``.
    public func knowledge() throws(EventError) -> Data {
        try crossing { try core.knowledge() }
    }

    /// Merges what another store exported. What is known already is not counted again, in any order
    /// and any number of times. It may read the disk.
    ///
    /// - Throws: ``EventError/corrupt(reason:event:)`` for bytes that are damaged or not an export,
    ///   of more than 32 MiB or with more than 100,000 events;
    ///   ``EventError/incompatible(reason:event:)`` for an export of a newer version; with
    ///   ``SyncKeys`` also ``EventError/corrupt(reason:event:)`` for bytes that are not sealed, or
    ///   sealed with another key; without them ``EventError/incompatible(reason:event:)`` for
    ///   sealed bytes; ``EventError/unavailable(reason:event:)``, ``EventError/corrupt(reason:event:)`` or
    ///   ``EventError/storage(reason:event:)`` if a stored event cannot be read;
    ///   ``EventError/closed(reason:)``. Nothing is changed then.
    @discardableResult
    public func merge(_ data: Data) throws(EventError) -> MergeReport {
        MergeReport(try crossing { try core.mergeBytes(bytes: data) })
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    @discardableResult
    public func merge(_ data: Data) async throws(EventError) -> MergeReport {
        try await offThread { () throws(EventError) in try self.merge(data) }
    }

    // MARK: Erasing

    /// Erases an event, here and on every device that merges a later export of this store. It waits
    /// for the disk. The name stays in the files until the next persist or close, and in a copy of a
    /// damaged file (``Health/keptAside``) for up to 30 days; `eraseEvents(_:)` removes both at
    /// once.
    ///
    /// - Returns: Whether the event was known.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a name of more than 1,024 bytes
    ///   of UTF-8, ``EventError/unavailable(reason:event:)`` if the event cannot be read now, and
    ///   ``EventError/closed(reason:)``; nothing is erased then.
    ///   ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)`` if the
    ///   erasure cannot be written; the event is erased in memory then, and the next persist writes
    ///   that.
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
    /// export of this store. An event may stand in the list more than once. When it returns, no file
    /// of the store holds one of the names. It waits for the disk.
    ///
    /// - Returns: How many of them were known.
    /// - Throws: the same errors as `erase(_:)`.
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
