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
        XCTAssertTrue(warnings.next().contains("1,024 bytes"))
        try store.close()
        store.record("x")
        XCTAssertTrue(warnings.next().contains("closed"))
        try store.event("x").record(count: 2)
        XCTAssertTrue(warnings.next().contains("closed"))
        XCTAssertFalse(warnings.wereOnMainThread)
    }

    func testABackgroundWriteThatFailsIsAWarning() throws {
        let store = try onDisk()
        try FileManager.default.removeItem(at: folder)
        store.record("x")
        XCTAssertTrue(warnings.next().contains("could not be written"))
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
        _ = warnings.next()
        XCTAssertEqual(try open.query("warned").lifetime(), 1)
    }
}

/// The warnings that a test gets. It waits for the next one.
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

    func next() -> String {
        condition.lock()
        defer { condition.unlock() }
        let end = Date() + 20
        while texts.isEmpty {
            if !condition.wait(until: end) { return "no warning" }
        }
        return texts.removeFirst()
    }
}
