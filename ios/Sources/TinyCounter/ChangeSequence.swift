import Foundation

extension EventStore {
    /// What changes, from the moment at which the sequence is iterated.
    ///
    /// ```swift
    /// for await changed in store.changes where changed.concerns("launch") {
    ///     showLaunches()
    /// }
    /// ```
    ///
    /// A change is all that can alter an answer: a recording, a decision that counts, a reservation
    /// and its end, a merge, an import, an erasure; for every event, another time zone, a corrected
    /// clock, an acknowledged loss, closing and opening again. Asking and saving are none. Time that
    /// passes is none either, although it alters what `today()` returns.
    ///
    /// A recording never waits for whoever iterates. What changes while the last element is used is
    /// put together, so that a burst of recordings is one element. The sequence ends with its task,
    /// and keeps the store open until then. It goes on when the store is closed and opened again.
    public var changes: ChangeSequence { ChangeSequence(store: self) }
}

/// The changes of a store: see ``EventStore/changes``.
public struct ChangeSequence: AsyncSequence, Sendable {
    public typealias Element = Changed

    fileprivate let store: EventStore

    public func makeAsyncIterator() -> Iterator {
        Iterator(listening: Listening(store))
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let listening: Listening

        /// Waits for a change. Nil if the task is cancelled.
        public mutating func next() async -> Changed? {
            while await listening.next() {
                if let changed = listening.take() { return changed }
            }
            return nil
        }
    }
}

/// Somebody who iterates over what a store does. The listening ends when this is released.
final class Listening: Sendable {
    private let store: EventStore
    private let number: Int?
    private let waiting = Locked<Changed?>(nil)
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let ticking: Task<Void, Never>?

    /// There is a signal after each change, and whenever `tick` returns without an error.
    init(_ store: EventStore, tick: (@Sendable () async throws -> Void)? = nil) {
        self.store = store
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        self.signal = signal
        number = store.listeners.add { [waiting] changed in
            waiting.with { $0 = $0?.followed(by: changed) ?? changed }
            signal.yield()
        }
        ticking = tick.map { tick in
            Task {
                while (try? await tick()) != nil { signal.yield() }
            }
        }
        if number == nil { signal.finish() }
    }

    deinit {
        ticking?.cancel()
        number.map(store.listeners.remove)
    }

    /// Waits for the next signal. Returns false if the task is cancelled.
    func next() async -> Bool {
        var signals = signals.makeAsyncIterator()
        return await signals.next() != nil
    }

    /// What changed since the last call.
    func take() -> Changed? {
        waiting.with { waiting in
            defer { waiting = nil }
            return waiting
        }
    }
}
