internal import TinyCounterBindings

/// What a limit says to a reservation.
public enum ReserveDecision: Sendable {
    /// Every rule passes, and a place is held.
    case reserved(Reservation)
    /// These rules do not pass, in the order of the limit. Nothing is held.
    case refused([Refusal])
}

/// One event that may happen, held until it is known whether it does. It is cancelled when it is let go of.
///
/// ```swift
/// guard case .reserved(let place) = try limit.reserve() else { return }
/// if showAd() { try place.commit() } else { place.cancel() }
/// ```
public final class Reservation: Sendable {
    // Cancels when it is let go of.
    private let core: TinyCounterBindings.Reservation

    init(_ core: TinyCounterBindings.Reservation) {
        self.core = core
    }

    /// The event happened: it is recorded, and written before this returns.
    ///
    /// - Throws: ``EventError/closed(reason:)`` if the store was closed, ``EventError/invalidArgument(reason:event:)`` if the reservation was
    ///   committed or cancelled before, and nothing is recorded then; ``EventError/storage(reason:event:)`` or
    ///   ``EventError/unavailable(reason:event:)`` if it could not be written, and the event is counted then all the same.
    public func commit() throws(EventError) {
        try crossing { try core.commit() }
    }

    /// The event happened: it is recorded, and written before this returns. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func commit() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.commit() }
    }

    /// The event did not happen. Does nothing if the reservation was committed or cancelled before.
    public func cancel() {
        core.cancel()
    }
}
