import TinyCounter
import XCTest

/// Windows are values.
final class TimeWindowTests: StoreTestCase {
    func testWindowsOfTheSameLengthAreEqual() {
        XCTAssertEqual(TimeWindow.minutes(1), .seconds(60))
        XCTAssertEqual(TimeWindow.hours(2), .minutes(120))
        XCTAssertEqual(TimeWindow.days(1), .hours(24))
        XCTAssertEqual(TimeWindow.weeks(1), .days(7))
        XCTAssertNotEqual(TimeWindow.hours(1), .minutes(61))
    }

    func testPartsOfAnExportAreMadeOutsideOfTheCallersThread() async throws {
        let (store, peer) = (try inMemory(), try inMemory())
        for number in 0..<50 { store.record("event \(number)") }
        let parts = try await store.exportParts(maxBytes: 1_000)
        XCTAssertGreaterThan(parts.count, 1)
        for part in parts { _ = try await peer.merge(part) }
        XCTAssertEqual(peer.events.count, 50)
        let news = try await store.exportParts(maxBytes: 400, since: await peer.knowledge())
        XCTAssertEqual(news.count, 1)
    }
}
