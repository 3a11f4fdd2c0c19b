internal import TinyCounterBindings

extension EventStore {
    /// Records that a session of the app begins, as ``sessionMarker``. Windows of
    /// ``TimeWindow/sinceSession`` begin then. It survives what ``record(_:)`` survives; on a
    /// closed store nothing is recorded, and a warning is logged.
    ///
    /// ```swift
    /// store.session()
    /// let tip = try store.limit("tip").atMost(1, within: .sinceSession)
    /// ```
    public func session() {
        core.session()
    }

    /// Records the version of the app as ``appVersionMarker``, if `text` differs from the last text
    /// that this store recorded. Windows of ``TimeWindow/sinceAppVersion`` begin then. Call it
    /// whenever the app starts. The text is kept on this device only. It survives what
    /// ``record(_:)`` survives. After the event was erased, any text differs.
    ///
    /// - Returns: Whether it was recorded.
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a text of more than 1,024 bytes
    ///   of UTF-8; ``EventError/unavailable(reason:event:)`` or
    ///   ``EventError/corrupt(reason:event:)`` if the event cannot be read;
    ///   ``EventError/closed(reason:)``. Nothing is recorded then.
    @discardableResult
    public func appVersion(_ text: String) throws(EventError) -> Bool {
        try crossing { try core.appVersion(text: text) }
    }

    /// The event that ``session()`` records, a marker of every store. A window since it begins with
    /// the latest session of this device, whatever other devices recorded.
    public static let sessionMarker = TinyCounterBindings.sessionMarker()

    /// The event that ``appVersion(_:)`` records, a marker of every store. A window since it begins
    /// with the latest change of the version on this device, whatever other devices recorded.
    public static let appVersionMarker = TinyCounterBindings.appVersionMarker()
}
