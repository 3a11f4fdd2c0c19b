import Foundation

/// The warnings that a test gets.
final class Received: @unchecked Sendable {
    private let condition = NSCondition()
    private var texts: [String] = []
    private var looked: [String] = []
    private var onMainThread = false

    var wereOnMainThread: Bool {
        condition.lock()
        defer { condition.unlock() }
        return onMainThread
    }

    /// The warnings that `await` looked at.
    var earlier: [String] {
        condition.lock()
        defer { condition.unlock() }
        return looked
    }

    func add(_ text: String) {
        condition.lock()
        texts.append(text)
        onMainThread = onMainThread || Thread.isMainThread
        condition.signal()
        condition.unlock()
    }

    /// Waits for a warning with this text. Those of stores of other tests may come in between.
    func await(_ text: String) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let end = Date() + 20
        while true {
            while texts.isEmpty {
                if !condition.wait(until: end) { return false }
            }
            let next = texts.removeFirst()
            looked.append(next)
            if next.contains(text) { return true }
        }
    }
}
