internal import TinyCounterBindings

extension Question {
    /// Makes the question ready to be asked any number of times, from any thread. It is checked
    /// once, and asking it passes nothing to the library but a number.
    ///
    /// ```swift
    /// let activeDays = try store.query("launch").lastDays(28).countNonzero.prepared()
    /// let days = try activeDays() ?? 0
    /// ```
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a negative number of units, for
    ///   a span that is negative, not a number or longer than 10,000 years, for an event that is
    ///   not a marker of the store in `since`, and for a name of more than 1,024 bytes of UTF-8.
    public func prepared() throws(EventError) -> PreparedQuestion<Answer> {
        let asked = AskedQuestion(try crossing { try store.core.prepareQuestion(question: core) })
        return PreparedQuestion(store: store, asked: asked, reading: reading)
    }
}

/// A question that was checked once and can be asked any number of times, from any thread: see
/// ``Question/prepared()``.
public struct PreparedQuestion<Answer: Sendable>: Sendable {
    private let store: EventStore
    private let asked: AskedQuestion
    private let reading: Reading<Answer>

    fileprivate init(store: EventStore, asked: AskedQuestion, reading: Reading<Answer>) {
        self.store = store
        self.asked = asked
        self.reading = reading
    }

    /// Returns the answer now. If the storage cannot be read, it comes from memory and
    /// ``EventStore/health`` reports it.
    ///
    /// - Throws: ``EventError/closed(reason:)``.
    public func callAsFunction() throws(EventError) -> Answer {
        store.renewTimeZoneIfLeft()
        return try asked.answer(reading)
    }
}
