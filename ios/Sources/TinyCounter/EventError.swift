import Foundation
internal import TinyCounterBindings

/// Why a call failed, sorted by what the caller can do. Nothing is changed by a call that fails, except where its documentation says so.
///
/// A limit that refuses is no error: see ``Decision``.
public enum EventError: Error, Sendable, Hashable {
    /// An argument out of its bounds, or a question that the tracked units cannot answer. Change the call.
    case invalidArgument(reason: String, event: String? = nil)
    /// Not possible at the moment: storage that is locked, or open elsewhere. Try again later.
    case unavailable(reason: String, event: String? = nil)
    /// The storage failed: no space left, or a broken disk. What was counted is still in memory.
    case storage(reason: String, event: String? = nil)
    /// Data that is damaged, or not of this library. Get it anew from where it was made.
    case corrupt(reason: String, event: String? = nil)
    /// Data of a newer version of this library. Update the app.
    case incompatible(reason: String, event: String? = nil)
    /// The store was closed. Open it again.
    case closed(reason: String)
    /// A mistake inside this library. Please report it.
    case unexpected(reason: String)

    /// What went wrong, and what would be right, in English.
    public var reason: String {
        switch self {
        case .invalidArgument(let reason, _), .unavailable(let reason, _), .storage(let reason, _),
            .corrupt(let reason, _), .incompatible(let reason, _), .closed(let reason), .unexpected(let reason):
            reason
        }
    }

    /// The event concerned, where there is one.
    public var event: String? {
        switch self {
        case .invalidArgument(_, let event), .unavailable(_, let event), .storage(_, let event),
            .corrupt(_, let event), .incompatible(_, let event):
            event
        case .closed, .unexpected:
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
        case .Unavailable(let reason, let event): self = .unavailable(reason: reason, event: event)
        case .Storage(let reason, let event): self = .storage(reason: reason, event: event)
        case .Corrupt(let reason, let event): self = .corrupt(reason: reason, event: event)
        case .Incompatible(let reason, let event): self = .incompatible(reason: reason, event: event)
        case .Closed(let reason, _): self = .closed(reason: reason)
        case nil: self = .unexpected(reason: error.localizedDescription)
        }
    }
}
