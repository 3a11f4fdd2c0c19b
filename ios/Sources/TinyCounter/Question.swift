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
    let reading: Reading<Answer>

    /// Returns the answer.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a negative number of units, for
    ///   a span that is negative, not a number or longer than 10,000 years, and for an event that
    ///   is not a marker of the store in `since`; ``EventError/closed(reason:)``.
    public func callAsFunction() throws(EventError) -> Answer {
        if let asked = try store.asked(core) { return try asked.answer(reading) }
        return reading.read(try store.answers(to: [core])[0])
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
        return (repeat (each questions).reading.read(answers.removeFirst()))
    }

    /// Answers any number of questions of one type. All answers are for the same instant, and in
    /// the order of the questions.
    ///
    /// This store answers them, even if they were made with another store.
    ///
    /// - Throws: the same errors as ``Question/callAsFunction()``.
    public func answers<Answer>(to questions: [Question<Answer>]) throws(EventError) -> [Answer] {
        zip(questions, try answers(to: questions.map(\.core))).map { question, answer in question.reading.read(answer) }
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

/// How an answer is read. It is a class, because Swift 6.0 crashes if it optimises a function that
/// copies generic enumerations of a parameter pack.
final class Reading<Answer>: Sendable {
    /// The argument is nil if the answer is absent.
    enum Form: Sendable {
        case integer(@Sendable (Int64?) -> Answer)
        case float(@Sendable (Double?) -> Answer)
        case buckets(@Sendable ([Int64]) -> Answer)
        case dated(@Sendable ([TinyCounterBindings.DatedCount]) -> Answer)
        case bounds(@Sendable (ClosedRange<Int>?) -> Answer)
    }

    let form: Form

    init(_ form: Form) {
        self.form = form
    }

    func read(_ answer: TinyCounterBindings.Answer) -> Answer {
        switch form {
        case .integer(let read): read(answer.integer)
        case .float(let read): read(answer.float)
        case .buckets(let read): read(answer.buckets)
        case .dated(let read): read(answer.dated)
        case .bounds(let read): read(answer.bounds)
        }
    }
}

private let readCount = Reading<Int?>(.integer { $0.map(Int.init(clamping:)) })
private let readDifference = Reading<Int>(.integer { Int(clamping: $0 ?? 0) })
private let readAgo = Reading<TimeInterval?>(.integer { $0.map(TimeInterval.init(millis:)) })
private let readDate = Reading<Date?>(.integer { $0.map(Date.init(unixMillis:)) })
private let readNumber = Reading<Double?>(.float { $0 })
private let readAverage = Reading<Double>(.float { $0 ?? 0 })
private let readBounds = Reading<ClosedRange<Int>?>(.bounds { $0 })
private let readIsComplete = Reading<Bool>(.bounds { $0.map { $0.lowerBound == $0.upperBound } ?? false })
private let readFlag = Reading<Bool>(.integer { $0 == 1 })
private let readDated = Reading<[DatedCount]>(.dated { $0.map(DatedCount.init) })
private let readBuckets = Reading<[Int]>(.buckets { $0.map(Int.init(clamping:)) })

extension Reading where Answer == Int? {
    static var count: Reading { readCount }
}

extension Reading where Answer == Int {
    static var difference: Reading { readDifference }
}

extension Reading where Answer == TimeInterval? {
    static var ago: Reading { readAgo }
    static var number: Reading { readNumber }
}

extension Reading where Answer == Date? {
    static var date: Reading { readDate }
}

extension Reading where Answer == Double {
    static var average: Reading { readAverage }
}

extension Reading where Answer == ClosedRange<Int>? {
    static var bounds: Reading { readBounds }
}

extension Reading where Answer == Bool {
    static var isComplete: Reading { readIsComplete }
    static var flag: Reading { readFlag }
}

extension Reading where Answer == [Int] {
    static var buckets: Reading { readBuckets }
}

extension Reading where Answer == [DatedCount] {
    static var dated: Reading { readDated }
}

extension TinyCounterBindings.Answer {
    fileprivate var integer: Int64? {
        switch self {
        case .count(let value), .ago(let value), .date(let value), .difference(let value): value
        case .flag(let value): value ? 1 : 0
        default: nil
        }
    }

    fileprivate var float: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    fileprivate var buckets: [Int64] {
        if case .buckets(let values) = self { values } else { [] }
    }

    fileprivate var dated: [TinyCounterBindings.DatedCount] {
        if case .dated(let values) = self { values } else { [] }
    }

    fileprivate var bounds: ClosedRange<Int>? {
        guard case .bounds(let bounds) = self else { return nil }
        return Int(clamping: bounds.lower)...Int(clamping: max(bounds.lower, bounds.upper))
    }
}
