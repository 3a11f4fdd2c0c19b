import Foundation
internal import TinyCounterBindings

extension EventStore {
    /// Takes over the counts of another library, of `UserDefaults` for example, once. It calls
    /// `counts` for them, unless those of `key` were taken over before, and returns whether they
    /// were taken over now. When it returns, they survive a power loss: the old ones may be removed.
    /// It waits for the disk.
    ///
    /// ```swift
    /// try await store.importOnce("defaults-v1") {
    ///     [Occurrence("launch", at: lastLaunch, count: defaults.integer(forKey: "launches"))]
    /// }
    /// ```
    ///
    /// All counts of an ``Occurrence`` lie at its date, in the bucket of every unit that holds it; a
    /// cooldown counts from there. An event can occur several times, for example once for each day.
    /// If it is not known when an event happened, take a date that is the same with each call, such
    /// as the date of the old file. A count of 0 is left out.
    ///
    /// The counts become a replica of their own, whose identity is made of the key, the names, the
    /// counts and the dates. If several devices take over the same counts under one key, for example
    /// those of a restored backup, these count once when the devices merge. Counts that differ
    /// belong to different devices, and all of them count. If equal counts of two devices have to
    /// count twice, use another key on each device.
    ///
    /// Recordings of ``EventStore/sessionMarker`` and ``EventStore/appVersionMarker`` that are taken
    /// over are those of another replica too. They count, and no window of this device begins with
    /// them.
    ///
    /// What was erased since does not come back: neither by another call, nor on another device that
    /// has merged the erasure. `eraseAll()` forgets no key.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for an empty key, a key of more than
    ///   1,024 bytes of UTF-8, more than 100,000 occurrences, an event name of more than 1,024 bytes
    ///   of UTF-8, a count outside 0 to 4,294,967,295, a date outside the years 1 to 9999 or more
    ///   than one minute in the future, and if the counts of an event would take more than 8 MiB;
    ///   ``EventError/storage(reason:event:)`` beyond 64 keys, and if the store has the counts of
    ///   1,024 other replicas; ``EventError/unavailable(reason:event:)`` or
    ///   ``EventError/corrupt(reason:event:)`` if an event cannot be read;
    ///   ``EventError/closed(reason:)``. Nothing is taken over then.
    ///   ``EventError/notWritten(reason:event:)`` if the storage cannot be written. Answers include
    ///   the counts already. Keep the old ones, and call it again later: it writes what it read
    ///   first.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    @discardableResult
    public func importOnce(_ key: String, counts: () -> [Occurrence]) throws(EventError) -> Bool {
        if try crossing({ try core.hasImported(key: key) }) { return false }
        let counts = counts().map(\.core)
        return try crossing { try core.importOnce(key: key, counts: counts) }
    }

    /// Does the same as the blocking version without blocking the caller's thread. It calls `counts`
    /// on a background thread.
    ///
    /// - Returns: Whether counts were taken over now.
    /// - Throws: the same errors as the blocking version.
    @discardableResult
    public func importOnce(
        _ key: String, counts: @escaping @Sendable () -> [Occurrence]
    ) async throws(EventError) -> Bool {
        try await offThread { () throws(EventError) in try self.importOnce(key, counts: counts) }
    }
}
