import Foundation
internal import TinyCounterBindings

/// Why a call failed, sorted by what the caller can do about it. A call that fails changes nothing,
/// unless its documentation says otherwise.
///
/// A limit that refuses is not an error: see ``Decision``.
public enum EventError: Error, Sendable, Hashable {
    /// An argument is out of bounds, or the tracked units do not reach back far enough. Change the
    /// call.
    case invalidArgument(reason: String, event: String? = nil)
    /// A rule document does not have the form of `docs/rules.md`, or a limit has no such form.
    /// Change the document or the limit. The place is a JSON pointer (RFC 6901), for example
    /// `/limits/review/all/2/within`; it is empty for the document as a whole, and for text that is
    /// not JSON.
    case invalidRules(reason: String, place: String)
    /// The storage cannot be used at the moment: it is locked, or another store has it open. Try
    /// again later.
    case unavailable(reason: String, event: String? = nil)
    /// The storage failed: there is no space left, or the disk is broken. Counts are still in
    /// memory.
    case storage(reason: String, event: String? = nil)
    /// A decision was made and counts, but it could not be written: the limit allowed the event,
    /// the reservation was committed or cancelled, or `recordNow(_:)` recorded. Go on as after
    /// success. A kill of the process loses it, unless a later write succeeds: the store tries
    /// again in the background and with each persist.
    case notWritten(reason: String, event: String? = nil)
    /// The stored reservation has expired without being committed. Nothing was recorded. Reserve
    /// again.
    case reservationExpired(reason: String, event: String? = nil)
    /// The data is damaged, this library did not write it, or it is not sealed with one of the
    /// store's ``SyncKeys``. Fetch it again from its source.
    case corrupt(reason: String, event: String? = nil)
    /// A newer version of this library wrote the data. Update the app.
    case incompatible(reason: String, event: String? = nil)
    /// The data is sealed with a sync key, and the store has none. Open the store with
    /// ``SyncKeys``.
    case syncKeyRequired(reason: String)
    /// The store is closed. Open it again.
    case closed(reason: String)
    /// A bug in this library. Please report it.
    case unexpected(reason: String)

    /// What went wrong, and what is valid, in English.
    public var reason: String {
        switch self {
        case .invalidArgument(let reason, _), .unavailable(let reason, _), .storage(let reason, _),
            .notWritten(let reason, _), .corrupt(let reason, _), .incompatible(let reason, _), .invalidRules(let reason, _),
            .reservationExpired(let reason, _), .syncKeyRequired(let reason), .closed(let reason), .unexpected(let reason):
            reason
        }
    }

    /// The event concerned; nil if there is none.
    public var event: String? {
        switch self {
        case .invalidArgument(_, let event), .unavailable(_, let event), .storage(_, let event),
            .notWritten(_, let event), .corrupt(_, let event), .incompatible(_, let event),
            .reservationExpired(_, let event):
            event
        case .invalidRules, .syncKeyRequired, .closed, .unexpected:
            nil
        }
    }
}

extension EventError: LocalizedError {
    public var errorDescription: String? { reason }
}

extension EventError {
    init(_ error: any Error) {
        switch error as? EventStoreError {
        case .InvalidArgument(let reason, let event): self = .invalidArgument(reason: reason, event: event)
        case .InvalidRules(let reason, let place): self = .invalidRules(reason: reason, place: place)
        case .Unavailable(let reason, let event): self = .unavailable(reason: reason, event: event)
        case .Storage(let reason, let event): self = .storage(reason: reason, event: event)
        case .NotWritten(let reason, let event): self = .notWritten(reason: reason, event: event)
        case .ReservationExpired(let reason, let event): self = .reservationExpired(reason: reason, event: event)
        case .Corrupt(let reason, let event): self = .corrupt(reason: reason, event: event)
        case .Incompatible(let reason, let event): self = .incompatible(reason: reason, event: event)
        case .SyncKeyRequired(let reason, _): self = .syncKeyRequired(reason: reason)
        case .Closed(let reason, _): self = .closed(reason: reason)
        case nil: self = .unexpected(reason: error.localizedDescription)
        }
    }
}
