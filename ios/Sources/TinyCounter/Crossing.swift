import Foundation

/// Calls the core and translates its errors.
func crossing<Answer>(_ call: () throws -> Answer) throws(EventError) -> Answer {
    do { return try call() } catch { throw EventError(error) }
}

/// Runs blocking work on a background thread.
func offThread<Answer: Sendable>(
    _ work: @escaping @Sendable () throws(EventError) -> Answer
) async throws(EventError) -> Answer {
    let result: Result<Answer, EventError> = await withCheckedContinuation { continuation in
        DispatchQueue.global(qos: .userInitiated).async {
            continuation.resume(returning: Result(catching: work))
        }
    }
    return try result.get()
}

// Numbers are passed to the core unchecked; the core checks their bounds. A number that does not
// fit into 64 bits is clamped, and the core rejects the clamped value.
extension Int64 {
    /// Converts seconds to milliseconds. The core knows that `.min + 1` is not a number.
    init(millis seconds: TimeInterval) {
        let millis = (seconds * 1000).rounded()
        self = Int64(exactly: millis) ?? (millis.isNaN ? .min + 1 : millis > 0 ? .max : .min)
    }

    /// Milliseconds since the Unix epoch.
    init(_ date: Date) {
        self.init(millis: date.timeIntervalSince1970)
    }
}

extension TimeInterval {
    init(millis: Int64) {
        self = TimeInterval(millis) / 1000
    }
}

extension Date {
    init(unixMillis: Int64) {
        self.init(timeIntervalSince1970: TimeInterval(millis: unixMillis))
    }
}

/// A value that is protected by a lock.
final class Locked<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func with<Result>(_ use: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return use(&value)
    }
}
