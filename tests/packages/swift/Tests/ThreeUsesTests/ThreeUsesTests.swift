import Foundation
import TinyCounter
import XCTest

final class ThreeUsesTests: XCTestCase {
    func testUsageIsCountedAcrossRestarts() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try EventStore(directory: folder)
        first.event("scroll").record()
        try first.record("scroll", count: 2)
        try first.close()

        let second = try EventStore(directory: folder)
        XCTAssertEqual(try second.query("scroll").lastDays(7).sum(), 3)
        XCTAssertEqual(try second.events, ["scroll"])
        try second.close()
    }

    func testALimitDecides() throws {
        let prompt = try EventStore.inMemory().limit("prompt").atMost(1, within: .days(7))
        XCTAssertTrue(try prompt.checkAndRecord().isAllowed)
        let refused = try prompt.checkAndRecord()
        XCTAssertFalse(refused.isAllowed)
        XCTAssertNotNil(refused.retryAt)
        XCTAssertEqual(refused.refusals.count, 1)
    }

    func testTwoStoresSync() throws {
        let (phone, tablet) = (try EventStore.inMemory(), try EventStore.inMemory())
        try phone.record("launch", count: 2)
        try tablet.record("launch", count: 3)
        XCTAssertEqual(try tablet.merge(phone.export()).eventsChanged, 1)
        _ = try phone.merge(tablet.export(since: phone.knowledge()))
        XCTAssertEqual(try phone.query("launch").lastDays(1).sum(), 5)
        XCTAssertEqual(try tablet.query("launch").lastDays(1).sum(), 5)
    }
}
