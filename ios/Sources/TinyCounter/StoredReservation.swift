import Foundation
internal import TinyCounterBindings

/// What a limit says to a reservation that is to outlive the process.
public enum HeldDecision: Sendable, Hashable {
    /// Every rule passes, and a place is held.
    case held(HeldReservation)
    /// These rules do not pass, in the order of the limit. Nothing is held.
    case refused([Refusal])
}

/// One event that may happen, held for longer than the process may live.
///
/// It counts for `atMost` until `commitReservation(_:)` or `cancelReservation(_:)` settles it by its ``key``, or until it expires, which gives back what it
/// holds. Letting go of this value changes nothing.
///
/// ```swift
/// guard case .held(let place) = try limit.reserve(for: .minutes(10)) else { return }
/// if showAd() { try store.commitReservation(place.key) } else { try store.cancelReservation(place.key) }
/// ```
public struct HeldReservation: Sendable, Hashable {
    /// What settles it: above 0. Keep it wherever the app keeps numbers, or find it again in ``EventStore/reservations``.
    public let key: Int64
    /// The event that may happen.
    public let event: String
    /// In how many seconds, from when this was asked for, it expires.
    public let expiresIn: TimeInterval
}

extension EventStore {
    /// The reservations that `reserve(for:)` of a limit made, in this process or an earlier one, and that are neither settled nor expired; the oldest first.
    public var reservations: [HeldReservation] {
        core.reservations().map {
            HeldReservation(key: $0.key, event: $0.event, expiresIn: TimeInterval(millis: $0.expiresInMillis))
        }
    }

    /// The event of a held reservation happened: it is recorded and the reservation ends, in one step that is written before this returns.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` if it was settled before or has expired, or what hinders reading the
    ///   event, and nothing is changed then; ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)`` if it could not be
    ///   written, and the event is counted then all the same; ``EventError/closed(reason:)``.
    public func commitReservation(_ key: Int64) throws(EventError) {
        try crossing { try core.commitReservation(key: key) }
    }

    /// As the one that blocks. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func commitReservation(_ key: Int64) async throws(EventError) {
        try await offThread { () throws(EventError) in try self.commitReservation(key) }
    }

    /// The event of a held reservation did not happen: the reservation ends, which is written before this returns.
    ///
    /// - Throws: as `commitReservation(_:)`.
    public func cancelReservation(_ key: Int64) throws(EventError) {
        try crossing { try core.cancelReservation(key: key) }
    }

    /// As the one that blocks. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func cancelReservation(_ key: Int64) async throws(EventError) {
        try await offThread { () throws(EventError) in try self.cancelReservation(key) }
    }
}
