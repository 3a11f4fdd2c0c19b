import Foundation

extension EventStore {
    /// The answers to a question, as they change.
    ///
    /// ```swift
    /// for try await launches in store.values(of: store.query("launch").lastDays(7).sum) {
    ///     label.text = "\(launches ?? 0) launches"
    /// }
    /// ```
    ///
    /// The rules are those of ``values(every:_:)``. This store answers, even if the question was
    /// made with another store.
    public func values<Answer: Equatable>(
        of question: Question<Answer>, every span: TimeSpan = .minutes(1)
    ) -> ValueSequence<Answer> {
        values(every: span) { store in try store.answers(to: [question])[0] }
    }

    /// What a function returns, as it changes: `store.values { _ in try prompt.isAllowed() }`.
    ///
    /// The value at the beginning comes first. Then the function is called after each change of the
    /// store, and again after each `span`, because time that passes alters answers too: at midnight
    /// `today()` begins at 0. Equal values in succession are one. If the values are used more slowly
    /// than the store changes, only the latest one comes.
    ///
    /// What the function throws ends the sequence: ``EventError/closed(reason:)`` for a question to
    /// a closed store. The sequence ends with its task, and keeps the store open until then.
    ///
    /// - Parameters:
    ///   - span: After how long the function is called again. Less than a second is a second.
    ///   - ask: The function. Its argument is this store.
    public func values<Value: Equatable>(
        every span: TimeSpan = .minutes(1), _ ask: @escaping @Sendable (EventStore) throws -> Value
    ) -> ValueSequence<Value> {
        ValueSequence(store: self, ask: ask) { try await Task.sleep(nanoseconds: nanoseconds(span)) }
    }
}

/// Values that follow the counts of a store: see ``EventStore/values(of:every:)``.
public struct ValueSequence<Value: Sendable & Equatable>: AsyncSequence, Sendable {
    public typealias Element = Value

    fileprivate let store: EventStore
    fileprivate let ask: @Sendable (EventStore) throws -> Value
    /// Returns when the function has to be called again. Tests replace it.
    var tick: @Sendable () async throws -> Void

    public func makeAsyncIterator() -> Iterator {
        Iterator(store: store, ask: ask, tick: tick)
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let store: EventStore
        fileprivate let ask: @Sendable (EventStore) throws -> Value
        fileprivate let tick: @Sendable () async throws -> Void
        /// Absent before the first value.
        private var listening: Listening?
        private var last: Value?
        private var hasEnded = false

        /// Waits for the next value. Nil if the task is cancelled, and after an error.
        public mutating func next() async throws -> Value? {
            if hasEnded { return nil }
            hasEnded = true
            guard let value = try await changedValue() else { return nil }
            hasEnded = false
            last = value
            return value
        }

        private mutating func changedValue() async throws -> Value? {
            guard let listening else {
                // Before the first question, so that no change is missed.
                self.listening = Listening(store, tick: tick)
                return try ask(store)
            }
            while await listening.next() {
                let value = try ask(store)
                if value != last { return value }
            }
            return nil
        }

        fileprivate init(
            store: EventStore, ask: @escaping @Sendable (EventStore) throws -> Value, tick: @escaping @Sendable () async throws -> Void
        ) {
            self.store = store
            self.ask = ask
            self.tick = tick
        }
    }
}

/// At least a second, so that no span keeps a processor busy. At most about 31 years, which is for
/// ever.
private func nanoseconds(_ span: TimeSpan) -> UInt64 {
    UInt64(min(span.seconds.isNaN ? 1 : max(span.seconds, 1), 1e9) * 1e9)
}
