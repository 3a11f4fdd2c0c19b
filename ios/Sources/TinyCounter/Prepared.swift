internal import TinyCounterBindings
internal import TinyCounterFFI

/// A question that was checked, and its number for the symbols that take numbers.
final class AskedQuestion: Sendable {
    private let core: TinyCounterBindings.PreparedQuestion
    private let number: Int64

    init(_ core: TinyCounterBindings.PreparedQuestion) {
        self.core = core
        number = core.number()
    }

    func answer<Answer>(_ reading: Reading<Answer>) throws(EventError) -> Answer {
        switch reading.form {
        case .integer(let read):
            let answer = withExtendedLifetime(self) { tiny_counter_integer(number) }
            if answer > .min + 1 { return read(answer) }
            if answer == .min { return read(nil) }
        case .float(let read):
            let answer = withExtendedLifetime(self) { tiny_counter_float(number) }
            if answer.isFinite { return read(answer) }
            if answer == -.infinity { return read(nil) }
        case .buckets(let read):
            if let counts = buckets() { return read(counts) }
        case .dated, .bounds: break
        }
        return reading.read(try crossing { try core.ask() })
    }

    /// The buckets, if there are not too many of them and no error.
    private func buckets() -> [Int64]? {
        let room = 128
        var count: Int64 = -1
        let counts = [Int64](unsafeUninitializedCapacity: room) { memory, written in
            count = withExtendedLifetime(self) { tiny_counter_buckets(number, memory.baseAddress, Int64(room)) }
            written = max(0, Int(count))
        }
        return count < 0 ? nil : counts
    }
}

/// A limit on an event of a store that was checked, and its number for the symbols that take
/// numbers.
final class AskedLimit: Sendable {
    let core: PreparedLimit
    private let number: Int64

    init(_ core: PreparedLimit) {
        self.core = core
        number = core.number()
    }

    /// Whether the event may happen now. False if there is an error too.
    func isAllowed() -> Bool {
        withExtendedLifetime(self) { tiny_counter_allowed(number) == 1 }
    }

    enum Recorded {
        case done, notDone, notWritten
    }

    func checkAndRecord() -> Recorded {
        switch withExtendedLifetime(self, { tiny_counter_check_and_record(number) }) {
        case 1: .done
        case 2: .notWritten
        default: .notDone
        }
    }
}

/// What a store was asked last, ready to be asked again. So an app that writes a name, a question
/// or a limit where it needs it pays for its texts and its check once.
struct Prepared: Sendable {
    var numbers = Bounded<Name, EventNumber>(1_024)
    var questions = Bounded<QuestionKey, AskedQuestion>(256)
    // A limit is checked with each rule that is added to it.
    var limits = Bounded<LimitKey, AskedLimit>(1_024)
}

/// A dictionary of what was made last. If it is full, it begins anew.
struct Bounded<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let bound: Int
    private var values: [Key: Value] = [:]

    init(_ bound: Int) {
        self.bound = bound
    }

    subscript(key: Key) -> Value? { values[key] }

    mutating func keep(_ value: Value, for key: Key) {
        if values.count >= bound { values.removeAll() }
        values[key] = value
    }
}

/// A question, compared with the bytes of its names.
struct QuestionKey: Hashable, Sendable {
    private let core: TinyCounterBindings.Question

    init(_ core: TinyCounterBindings.Question) {
        self.core = core
    }

    static func == (one: QuestionKey, other: QuestionKey) -> Bool {
        switch (one.core, other.core) {
        case (.counts(let a, let b, let c), .counts(let x, let y, let z)): Name.areSame(a, x) && b == y && c == z
        case (.lastSeen(let a), .lastSeen(let x)): Name.areSame(a, x)
        case (.firstSeen(let a), .firstSeen(let x)): Name.areSame(a, x)
        case (.lastDate(let a), .lastDate(let x)): Name.areSame(a, x)
        case (.firstDate(let a), .firstDate(let x)): Name.areSame(a, x)
        case (.bounds(let a, let b), .bounds(let x, let y)), (.isComplete(let a, let b), .isComplete(let x, let y)):
            Name.areSame(a, x) && b == y
        case (.lifetime(let a), .lifetime(let x)): Name.areSame(a, x)
        case (.since(let a, let b), .since(let x, let y)), (.sinceBounds(let a, let b), .sinceBounds(let x, let y)):
            Name.areSame(a, x) && Name.isSame(b, y)
        case (.ratio(let a, let b, let c), .ratio(let x, let y, let z)),
            (.delta(let a, let b, let c), .delta(let x, let y, let z)),
            (.deltaAverage(let a, let b, let c), .deltaAverage(let x, let y, let z)):
            Name.isSame(a, x) && Name.isSame(b, y) && c == z
        default: false
        }
    }

    // Not the whole question: few questions have the same first name.
    func hash(into hasher: inout Hasher) {
        switch core {
        case .counts(let names, _, let measure):
            hasher.combine(measure)
            names.first.map { Name($0).hash(into: &hasher) }
        case .lastSeen(let names), .firstSeen(let names), .lastDate(let names), .firstDate(let names), .lifetime(let names),
            .bounds(let names, _), .isComplete(let names, _), .since(let names, _), .sinceBounds(let names, _):
            names.first.map { Name($0).hash(into: &hasher) }
        case .ratio(let name, _, _), .delta(let name, _, _), .deltaAverage(let name, _, _): Name(name).hash(into: &hasher)
        }
    }
}

/// A limit on an event.
struct LimitKey: Hashable, Sendable {
    private let event: Name
    private let limit: Limit

    init(_ event: String, _ limit: Limit) {
        self.event = Name(event)
        self.limit = limit
    }
}
