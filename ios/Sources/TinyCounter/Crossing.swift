import Foundation

/// Calls the core and gives its errors as this module's.
func crossing<Answer>(_ call: () throws -> Answer) throws(EventError) -> Answer {
    do { return try call() } catch { throw EventError(error) }
}

/// Runs what waits for the disk on a thread where waiting hurts nobody.
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

// Numbers go to the core as they are: it holds them to their bounds, all in one place. What no 64 bits can hold becomes
// the nearest number that they can, which is out of every bound.
extension Int64 {
    /// Seconds as milliseconds.
    init(millis seconds: TimeInterval) {
        let millis = (seconds * 1000).rounded()
        self = Int64(exactly: millis) ?? (millis > 0 ? .max : .min)
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

/// A value that one thread at a time reads and replaces.
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
