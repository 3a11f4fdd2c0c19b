import Foundation
import TinyCounter
import XCTest

final class WarningTests: StoreTestCase {
    private let warnings = Received()

    override func setUp() {
        let warnings = warnings
        EventStore.onWarning { warnings.add($0) }
    }

    override func tearDown() {
        EventStore.onWarning { _ in }
    }

    func testARecordingThatIsNotCountedIsAWarningOnAnotherThread() throws {
        let store = try inMemory()
        store.record(String(repeating: "x", count: 1_025))
        XCTAssertTrue(warnings.await("1,024 bytes"))
        try store.close()
        store.record("x")
        XCTAssertTrue(warnings.await("closed"))
        try store.event("x").record(count: 2)
        XCTAssertTrue(warnings.await("closed"))
        XCTAssertFalse(warnings.wereOnMainThread)
    }

    func testABackgroundWriteThatFailsIsAWarning() throws {
        let store = try onDisk()
        try FileManager.default.removeItem(at: folder)
        store.record("x")
        XCTAssertTrue(warnings.await("could not be written"))
        XCTAssertEqual(try store.query("x").lifetime(), 1)
    }

    func testTheHandlerMayCallTheStore() throws {
        let (store, open, warnings) = (try inMemory(), try inMemory(), warnings)
        try store.close()
        EventStore.onWarning { text in
            store.record("again")
            open.record("warned")
            warnings.add(text)
        }
        store.record("x")
        XCTAssertTrue(warnings.await("closed"))
        XCTAssertEqual(try open.query("warned").lifetime(), 1)
    }
}

/// The warnings that a test gets.
private final class Received: @unchecked Sendable {
    private let condition = NSCondition()
    private var texts: [String] = []
    private var onMainThread = false

    var wereOnMainThread: Bool {
        condition.lock()
        defer { condition.unlock() }
        return onMainThread
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
            if texts.removeFirst().contains(text) { return true }
        }
    }
}
