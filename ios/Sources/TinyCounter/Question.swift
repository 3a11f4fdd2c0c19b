import Foundation
internal import TinyCounterBindings

/// A complete question. Call it for its answer, or ask several questions for the same instant.
///
/// ```swift
/// let launches = store.query("launch")
/// let week = try launches.lastDays(7).sum()
/// let (today, total, seen) = try store.answers(
///     to: launches.lastDays(1).sum, launches.lifetime, launches.lastSeen)
/// ```
///
/// The first question about an event reads its counts from the disk. If that fails, the answer
/// comes from memory and ``EventStore/health`` reports it.
public struct Question<Answer: Sendable>: Sendable {
    let store: EventStore
    let core: TinyCounterBindings.Question
    let read: @Sendable (TinyCounterBindings.Answer) -> Answer

    /// Returns the answer.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a negative number of units, for
    ///   a span that is negative, not a number or longer than 10,000 years, and for an event that
    ///   is not a marker of the store in `since`; ``EventError/closed(reason:)``.
    public func callAsFunction() throws(EventError) -> Answer {
        read(try store.answers(to: [core])[0])
    }
}

extension EventStore {
    /// Answers questions of different types. All answers are for the same instant, and in the order
    /// of the questions.
    ///
    /// This store answers them, even if they were made with another store.
    ///
    /// - Throws: the same errors as ``Question/callAsFunction()``.
    public func answers<each Answer>(to questions: repeat Question<each Answer>) throws(EventError) -> (repeat each Answer) {
        var asked: [TinyCounterBindings.Question] = []
        repeat asked.append((each questions).core)
        var answers = try answers(to: asked)
        return (repeat (each questions).read(answers.removeFirst()))
    }

    /// Answers any number of questions of one type. All answers are for the same instant, and in
    /// the order of the questions.
    ///
    /// This store answers them, even if they were made with another store.
    ///
    /// - Throws: the same errors as ``Question/callAsFunction()``.
    public func answers<Answer>(to questions: [Question<Answer>]) throws(EventError) -> [Answer] {
        zip(questions, try answers(to: questions.map(\.core))).map { question, answer in question.read(answer) }
    }

    /// Returns exactly one answer for each question.
    fileprivate func answers(to questions: [TinyCounterBindings.Question]) throws(EventError) -> [TinyCounterBindings.Answer] {
        let answers = try crossing { try core.query(questions: questions) }
        guard answers.count == questions.count else {
            throw .unexpected(reason: "\(questions.count) questions got \(answers.count) answers")
        }
        return answers
    }
}

extension TinyCounterBindings.Answer {
    var count: Int? {
        if case .count(let value) = self { Int(clamping: value) } else { nil }
    }

    var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    var ago: TimeInterval? {
        if case .ago(let millis) = self { TimeInterval(millis: millis) } else { nil }
    }

    var difference: Int {
        if case .difference(let value) = self { Int(clamping: value) } else { 0 }
    }

    var buckets: [Int] {
        if case .buckets(let values) = self { values.map(Int.init(clamping:)) } else { [] }
    }
}
