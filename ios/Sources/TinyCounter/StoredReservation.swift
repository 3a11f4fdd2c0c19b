import Foundation
internal import TinyCounterBindings

/// The answer of a limit to `reserve(for:)`.
public enum StoredReservationDecision: Sendable, Hashable {
    /// Every rule passes. The reservation was written.
    case reserved(StoredReservation)
    /// Some rules do not pass. Nothing was reserved.
    case refused(Refused)

    /// The rules that do not pass, in the order of the limit.
    public var refusals: [Refusal] {
        if case .refused(let refused) = self { refused.refusals } else { [] }
    }

    /// The time in seconds until the whole limit passes: see ``Refused/retryAfter``. 0 if every
    /// rule passes.
    public var retryAfter: TimeInterval? {
        if case .refused(let refused) = self { refused.retryAfter } else { 0 }
    }

    /// The instant at which the whole limit passes: see ``Refused/retryAt``. Nil also if every rule
    /// passes.
    public var retryAt: Date? {
        if case .refused(let refused) = self { refused.retryAt } else { nil }
    }
}

/// One reserved event that survives a kill of the process.
///
/// It counts for `atMost` and `cooldown` until `commitReservation(_:)` or `cancelReservation(_:)`
/// ends it, or until it expires, which ends it without recording the event. Releasing this value
/// changes nothing.
///
/// ```swift
/// guard case .reserved(let reservation) = try limit.reserve(for: .minutes(10)) else { return }
/// if showAd() {
///     try store.commitReservation(reservation.key)
/// } else {
///     try store.cancelReservation(reservation.key)
/// }
/// ```
public struct StoredReservation: Sendable, Hashable {
    /// The key that commits or cancels the reservation, 1 or more. An app can keep it wherever it
    /// keeps numbers, or read it again from ``EventStore/reservations``.
    public let key: Int64
    /// The event that may happen.
    public let event: String
    /// The time in seconds until the reservation expires, from the call that returned this value.
    public let expiresIn: TimeInterval

    /// Makes one, for the tests of an app.
    public init(key: Int64, event: String, expiresIn: TimeInterval) {
        self.key = key
        self.event = event
        self.expiresIn = expiresIn
    }
}

extension EventStore {
    /// The pending stored reservations, made by this process or an earlier one, oldest first. Those
    /// of an event that cannot be read are left out.
    public var reservations: [StoredReservation] {
        core.reservations().map {
            StoredReservation(key: $0.key, event: $0.event, expiresIn: TimeInterval(millis: $0.expiresInMillis))
        }
    }

    /// Records the event of a stored reservation and ends the reservation, in one step that is
    /// written before this returns. An earlier process may have made the reservation.
    ///
    /// - Throws: ``EventError/reservationExpired(reason:event:)`` if it has expired;
    ///   ``EventError/invalidArgument(reason:event:)`` if it expired days ago, so that the store
    ///   forgot it, if it was committed or cancelled before, or if its event was erased;
    ///   ``EventError/unavailable(reason:event:)`` or ``EventError/corrupt(reason:event:)`` if the
    ///   event cannot be read; ``EventError/closed(reason:)``. Nothing is changed then.
    ///   ``EventError/notWritten(reason:event:)`` if the step cannot be written; the event is
    ///   counted then.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func commitReservation(_ key: Int64) throws(EventError) {
        try crossing { try core.commitReservation(key: key) }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func commitReservation(_ key: Int64) async throws(EventError) {
        try await offThread { () throws(EventError) in try self.commitReservation(key) }
    }

    /// Ends a stored reservation without recording its event, which is written before this returns.
    ///
    /// - Throws: the same errors as `commitReservation(_:)`.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func cancelReservation(_ key: Int64) throws(EventError) {
        try crossing { try core.cancelReservation(key: key) }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func cancelReservation(_ key: Int64) async throws(EventError) {
        try await offThread { () throws(EventError) in try self.cancelReservation(key) }
    }
}
