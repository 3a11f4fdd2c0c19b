import Foundation
internal import TinyCounterBindings

// Exchanging counts with other devices. As in Saving.swift, calls that wait for the disk have an
// `async` and a blocking version with one name.

extension EventStore {
    /// Returns all events as bytes, for `merge(_:)` on another device. Without ``SyncKeys`` the
    /// bytes hold names and counts that are not encrypted, and whoever can change them on their way
    /// can add counts and erase events. Everything is saved first, so it waits for the disk.
    ///
    /// - Throws: ``EventError/unavailable(reason:event:)``, ``EventError/corrupt(reason:event:)``
    ///   or ``EventError/storage(reason:event:)`` if an event cannot be read, which the error
    ///   names, or if something cannot be saved; ``EventError/storage(reason:event:)`` for more
    ///   than 100,000 events and ``EventError/corrupt(reason:event:)`` for more than 32 MiB, which
    ///   no store accepts; ``EventError/closed(reason:)``.
    @available(*, noasync, message: "write await: the async version blocks no thread")
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
    /// what that store's `knowledge()` returned.
    ///
    /// - Throws: ``EventError/corrupt(reason:event:)`` or
    ///   ``EventError/incompatible(reason:event:)`` for a sync state that cannot be read; with
    ///   ``SyncKeys`` also ``EventError/corrupt(reason:event:)`` for one that is not sealed, or
    ///   sealed with another key; without them ``EventError/syncKeyRequired(reason:)`` for a sealed
    ///   one; otherwise the same errors as `export()`.
    @available(*, noasync, message: "write await: the async version blocks no thread")
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
    /// order and any number of times. A part is longer than `maxBytes` if the counts of one event
    /// on one device are. Any number of events fits. It waits for the disk.
    ///
    /// - Parameters:
    ///   - maxBytes: About how long a part may be.
    ///   - knowledge: What `knowledge()` of the receiving store returned. Nil: everything.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a negative `maxBytes`; otherwise
    ///   the same errors as `export(since:)`.
    @available(*, noasync, message: "write await: the async version blocks no thread")
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
    /// `export(since:)` or `exportParts(maxBytes:since:)` of another store, which then exports only
    /// what is new to this store. It may read the disk.
    ///
    /// - Throws: ``EventError/unavailable(reason:event:)`` or ``EventError/corrupt(reason:event:)``
    ///   if an event has to be read and cannot be; ``EventError/closed(reason:)``.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func knowledge() throws(EventError) -> Data {
        try crossing { try core.knowledge() }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func knowledge() async throws(EventError) -> Data {
        try await offThread { () throws(EventError) in try self.knowledge() }
    }

    /// Merges what `export()` or `export(since:)` of another store returned, or one part of
    /// `exportParts(maxBytes:since:)`. What is known already is not counted again, in any order and
    /// any number of times. It may read the disk.
    ///
    /// What the other store erased is erased here too. The names stay in the files of this store
    /// until the next persist or close.
    ///
    /// - Throws: ``EventError/corrupt(reason:event:)`` for bytes that are damaged or not an export,
    ///   of more than 32 MiB or with more than 100,000 events;
    ///   ``EventError/incompatible(reason:event:)`` for an export of a newer version; with
    ///   ``SyncKeys`` also ``EventError/corrupt(reason:event:)`` for bytes that are not sealed, or
    ///   sealed with another key; without them ``EventError/syncKeyRequired(reason:)`` for sealed
    ///   bytes; ``EventError/unavailable(reason:event:)``,
    ///   ``EventError/corrupt(reason:event:)`` or ``EventError/storage(reason:event:)`` if a stored
    ///   event cannot be read; ``EventError/closed(reason:)``. Nothing is changed then.
    @available(*, noasync, message: "write await: the async version blocks no thread")
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

    // MARK: Replicas

    /// Returns the replicas that this store knows: those of other devices, those of this device
    /// from before, and its own one. Those without ``Replica/lastSeen`` come first, then the least
    /// recently seen one. The own one is listed once this store has counted something in it. So it
    /// can be absent after ``MergeReport/restarted`` until the store counts again. Events that
    /// cannot be read are left out. It may read the disk.
    ///
    /// - Throws: ``EventError/unavailable(reason:event:)`` if the file cannot be read now;
    ///   ``EventError/closed(reason:)``.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func replicas() throws(EventError) -> [Replica] {
        try crossing { try core.replicas() }.map(Replica.init)
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func replicas() async throws(EventError) -> [Replica] {
        try await offThread { () throws(EventError) in try self.replicas() }
    }

    /// Forgets replicas of devices that are not used any more, to make room for others: a store
    /// takes counts of at most 1,024 other replicas, and ``MergeReport/replicasRefused`` says that
    /// it has no room. `ids` are those of `replicas()`. It waits for the disk.
    ///
    /// All that a forgotten replica counted is erased, here and on every device that merges a later
    /// export of this store or of one that merged it. This includes what this store never heard of,
    /// and what an import of the Rust API took over from it. It does not come back. If the device
    /// is still used, it counts under a new identity when it hears of this; what it counts from
    /// then on is merged like that of a new device.
    ///
    /// Forgetting a retired replica (``Replica/isRetired``) erases what this device itself counted
    /// before.
    ///
    /// When it returns, that survives a power loss. The names of events that only forgotten
    /// replicas counted stay in the files until the next persist or close.
    ///
    /// ```swift
    /// let limit = Date(timeIntervalSinceNow: -400 * 86_400)
    /// let old = try store.replicas().filter { replica in
    ///     // A device without a last time can still be in use.
    ///     guard let seen = replica.lastSeen else { return false }
    ///     return !replica.isOwn && !replica.isRetired && seen < limit
    /// }
    /// try store.forgetReplicas(old.map(\.id))
    /// ```
    ///
    /// - Returns: How many of them were known.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a text that is not an id, and
    ///   for the own replica; ``EventError/closed(reason:)``. Nothing is changed then.
    ///   ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)`` if that
    ///   cannot be written; the replicas are forgotten in memory then, and the next persist writes
    ///   that.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    @discardableResult
    public func forgetReplicas(_ ids: [String]) throws(EventError) -> Int {
        Int(clamping: try crossing { try core.forgetReplicas(ids: ids) })
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Returns: How many of them were known.
    /// - Throws: the same errors as the blocking version.
    @discardableResult
    public func forgetReplicas(_ ids: [String]) async throws(EventError) -> Int {
        try await offThread { () throws(EventError) in try self.forgetReplicas(ids) }
    }
}

/// The result of a merge.
public struct MergeReport: Sendable, Hashable {
    /// How many events have other counts now, new events included.
    public let eventsChanged: Int
    /// How many replicas of other stores the data held. A replica is what one store counted.
    public let replicas: Int
    /// How many conflicting copies of counts the data held: two stores counted one event under one
    /// identity, as after an app container was copied. The greater count of each bucket was kept.
    /// Copies that counted only in the same buckets look like one that counted on, and are not
    /// found.
    public let conflictingCopies: Int
    /// How many events were left out or taken in part: they would take more than 8 MiB, or they
    /// belong to more than 1,024 replicas.
    public let refused: Int
    /// How many replicas were left out because this store has counts of 1,024 others.
    /// `forgetReplicas(_:)` makes room. What was left out is merged with a later export.
    public let replicasRefused: Int
    /// Whether this store counts under a new identity now. Either the data held a later state of
    /// its own replica: it had gone back to an older state, as after a restored backup, or another
    /// store continues a copy of it. It keeps what it had counted, but what both counted of one
    /// event can be too low. Or another device has forgotten its replica: then what it had counted
    /// is erased.
    public let restarted: Bool

    /// Makes one, for the tests of an app.
    public init(
        eventsChanged: Int = 0,
        replicas: Int = 0,
        conflictingCopies: Int = 0,
        refused: Int = 0,
        replicasRefused: Int = 0,
        restarted: Bool = false
    ) {
        self.eventsChanged = eventsChanged
        self.replicas = replicas
        self.conflictingCopies = conflictingCopies
        self.refused = refused
        self.replicasRefused = replicasRefused
        self.restarted = restarted
    }
}

/// A replica that a store knows: what one store counted.
public struct Replica: Sendable, Hashable, Identifiable {
    /// Its id, for `forgetReplicas(_:)`: 32 lower-case hexadecimal digits.
    public let id: String
    /// The last time at which it counted an event, by its own clock. Nil if nothing that it counted
    /// is known now, for example after an erasure. Its device can still be in use.
    public let lastSeen: Date?
    /// Of how many events the store has counts of it.
    public let events: Int
    /// Whether this store counts in it.
    public let isOwn: Bool
    /// Whether this device counted in it before, for example before a backup was restored.
    /// Forgetting it erases what this device counted then.
    public let isRetired: Bool

    /// Makes one, for the tests of an app.
    public init(id: String, lastSeen: Date? = nil, events: Int = 0, isOwn: Bool = false, isRetired: Bool = false) {
        self.id = id
        self.lastSeen = lastSeen
        self.events = events
        self.isOwn = isOwn
        self.isRetired = isRetired
    }
}

extension MergeReport {
    init(_ core: TinyCounterBindings.MergeReport) {
        eventsChanged = Int(clamping: core.eventsChanged)
        replicas = Int(clamping: core.replicas)
        conflictingCopies = Int(clamping: core.conflictingCopies)
        refused = Int(clamping: core.refused)
        replicasRefused = Int(clamping: core.replicasRefused)
        restarted = core.restarted
    }
}

extension Replica {
    init(_ core: TinyCounterBindings.Replica) {
        id = core.id
        lastSeen = core.lastSeenMillis.map(Date.init(unixMillis:))
        events = Int(clamping: core.events)
        isOwn = core.isOwn
        isRetired = core.isRetired
    }
}
