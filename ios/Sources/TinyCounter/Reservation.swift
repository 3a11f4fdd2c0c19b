import Foundation
internal import TinyCounterBindings

/// The answer of a limit to ``Limiter/reserve()``.
public enum ReserveDecision: Sendable {
    /// Every rule passes. One event is reserved.
    case reserved(Reservation)
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

/// One reserved event. It counts for `atMost` and `cooldown` until it is committed or cancelled. A
/// reservation that is released without a commit is cancelled.
///
/// ```swift
/// guard case .reserved(let reservation) = try limit.reserve() else { return }
/// if showAd() { try reservation.commit() } else { reservation.cancel() }
/// ```
public final class Reservation: Sendable {
    // Its deinitializer cancels the reservation.
    private let core: TinyCounterBindings.Reservation

    init(_ core: TinyCounterBindings.Reservation) {
        self.core = core
    }

    /// Records the event and ends the reservation. The event is written before this returns.
    ///
    /// - Throws: ``EventError/closed(reason:)`` if the store is closed, and
    ///   ``EventError/invalidArgument(reason:event:)`` if the reservation was committed or
    ///   cancelled before; nothing is recorded then. ``EventError/notWritten(reason:event:)`` if
    ///   the event cannot be written; it is counted then.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func commit() throws(EventError) {
        try crossing { try core.commit() }
    }

    /// Does the same as the blocking version without blocking the caller's thread. It runs to its
    /// end even if the task is cancelled.
    ///
    /// - Throws: the same errors as the blocking version.
    public func commit() async throws(EventError) {
        try await offThread { () throws(EventError) in try self.commit() }
    }

    /// Ends the reservation without recording the event. Does nothing if it was committed or
    /// cancelled before.
    public func cancel() {
        core.cancel()
    }
}
