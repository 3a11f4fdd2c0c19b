import Foundation
internal import TinyCounterBindings

// What waits for the disk comes twice under one name: an async function has the one that does not block its thread, all
// others have the one that does. An async call that was begun ends, even if its task is cancelled.

extension EventStore {
    /// Whether anything changed since it was last persisted.
    public var isDirty: Bool { core.isDirty() }

    /// Saves what changed, and returns when it survives a loss of power. It waits for the disk.
    ///
    /// - Throws: ``EventError/storage(reason:event:)``, ``EventError/unavailable(reason:event:)`` or ``EventError/closed(reason:)``; what was not
    ///   saved stays dirty.
    public func persist() throws(EventError) {
        try crossing { try core.persist() }
    }

    /// Saves what changed, and returns when it survives a loss of power. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func persist() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.persist() }
    }

    /// Saves what changed and closes the store. Calling it again does nothing. It waits for the disk.
    ///
    /// - Throws: as `persist()` does; the store is closed all the same.
    public func close() throws(EventError) {
        try crossing { try core.shutdown() }
    }

    /// Saves what changed and closes the store. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as `persist()` does; the store is closed all the same.
    public func close() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.close() }
    }

    /// Says that the app knows of the losses that ``health`` reports: they are no longer reported. It waits for the disk.
    ///
    /// - Throws: ``EventError/storage(reason:event:)``, ``EventError/unavailable(reason:event:)`` or ``EventError/closed(reason:)`` if that cannot
    ///   be saved.
    public func acknowledgeLoss() throws(EventError) {
        try crossing { try core.acknowledgeLoss() }
    }

    /// Says that the app knows of the losses that ``health`` reports. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func acknowledgeLoss() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.acknowledgeLoss() }
    }

    // MARK: Other devices

    /// All events in one piece, for `merge(_:)` on another device. What is exported is saved first, which waits for the disk.
    ///
    /// The bytes hold names and counts in clear.
    ///
    /// - Throws: ``EventError/unavailable(reason:event:)``, ``EventError/corrupt(reason:event:)`` or ``EventError/storage(reason:event:)``, naming
    ///   the event that cannot be read; ``EventError/closed(reason:)``.
    public func export() throws(EventError) -> Data {
        try crossing { try core.exportBytes() }
    }

    /// All events in one piece. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func export() async throws(EventError) -> Data {
        try await offThread { () throws(EventError) in try self.export() }
    }

    /// As `export()`, without what the store that gave this ``knowledge()`` has already.
    ///
    /// - Throws: ``EventError/corrupt(reason:event:)`` or ``EventError/incompatible(reason:event:)`` for a knowledge that cannot be read; otherwise
    ///   as `export()`.
    public func export(since knowledge: Data) throws(EventError) -> Data {
        try crossing { try core.exportSince(knowledge: knowledge) }
    }

    /// What is new to the store that gave this ``knowledge()``. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func export(since knowledge: Data) async throws(EventError) -> Data {
        try await offThread { () throws(EventError) in try self.export(since: knowledge) }
    }

    /// What this store knows: hand it to another store's `export(since:)`, so that it gives only what is new here.
    ///
    /// - Throws: ``EventError/closed(reason:)``.
    public func knowledge() throws(EventError) -> Data {
        try crossing { try core.knowledge() }
    }

    /// Takes in what another store exported. What is known already is not counted again, whatever the order and however often.
    /// It waits for the disk.
    ///
    /// - Throws: ``EventError/corrupt(reason:event:)`` for bytes that are damaged or no export, ``EventError/incompatible(reason:event:)`` for those
    ///   of a newer version; ``EventError/unavailable(reason:event:)``, ``EventError/storage(reason:event:)`` or ``EventError/closed(reason:)``.
    ///   Nothing is changed then.
    @discardableResult
    public func merge(_ data: Data) throws(EventError) -> MergeReport {
        MergeReport(try crossing { try core.mergeBytes(bytes: data) })
    }

    /// Takes in what another store exported. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    @discardableResult
    public func merge(_ data: Data) async throws(EventError) -> MergeReport {
        try await offThread { () throws(EventError) in try self.merge(data) }
    }

    // MARK: Erasing

    /// Erases an event, here and on every device that takes in an export of this store later. It waits for the disk.
    ///
    /// - Returns: Whether the event was known.
    /// - Throws: ``EventError/storage(reason:event:)``, ``EventError/unavailable(reason:event:)`` or ``EventError/closed(reason:)`` if that cannot
    ///   be saved.
    @discardableResult
    public func erase(_ event: some EventID) throws(EventError) -> Bool {
        try crossing { try core.eraseEvent(event: event.eventName) }
    }

    /// Erases an event, here and on every device that takes in an export of this store later. No thread of the caller's waits for the
    /// disk.
    ///
    /// - Returns: Whether the event was known.
    /// - Throws: as the one that blocks.
    @discardableResult
    public func erase(_ event: some EventID) async throws(EventError) -> Bool {
        let name = event.eventName
        return try await offThread { () throws(EventError) in try self.erase(name) }
    }

    /// Erases everything, here and on every device that takes in an export of this store later. It waits for the disk.
    ///
    /// - Returns: How many events were known.
    /// - Throws: as `erase(_:)`.
    @discardableResult
    public func eraseAll() throws(EventError) -> Int {
        Int(clamping: try crossing { try core.eraseAll() })
    }

    /// Erases everything, here and on every device that takes in an export of this store later. No thread of the caller's waits for
    /// the disk.
    ///
    /// - Returns: How many events were known.
    /// - Throws: as the one that blocks.
    @discardableResult
    public func eraseAll() async throws(EventError) -> Int {
        try await offThread { () throws(EventError) in try self.eraseAll() }
    }
}
