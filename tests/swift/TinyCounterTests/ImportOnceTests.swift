import TinyCounter
import XCTest

/// Taking over the counts of another library.
final class ImportOnceTests: StoreTestCase {
    private let noon = instant("2026-03-10T12:00:00Z")

    private func prefs() -> [Occurrence] {
        [
            Occurrence("launch", at: noon - 2 * 86_400, count: 50),
            Occurrence("purchase", at: noon - 9 * 86_400, count: 3),
        ]
    }

    func testTheCountsOfAKeyAreTakenOverOnceAndLast() throws {
        var reads = 0
        let read = {
            reads += 1
            return self.prefs()
        }
        let store = try onDisk()
        XCTAssertTrue(try store.importOnce("defaults-v1", counts: read))
        XCTAssertFalse(try store.importOnce("defaults-v1", counts: read))
        XCTAssertEqual(try store.query("launch").lastDays(3).buckets(), [0, 0, 50])
        try store.close()
        let reopened = try onDisk()
        XCTAssertFalse(try reopened.importOnce("defaults-v1", counts: read))
        XCTAssertEqual(try reopened.query("launch").lifetime(), 50)
        XCTAssertEqual(reads, 1)
    }

    func testTwoDevicesThatTakeOverTheSameCountsCountThemOnce() async throws {
        let counts = prefs()
        let phone = try inMemory()
        let tablet = try inMemory()
        for store in [phone, tablet] {
            let isNew = try await store.importOnce("defaults-v1") { counts }
            XCTAssertTrue(isNew)
        }
        try await tablet.merge(try await phone.export())
        XCTAssertEqual(try tablet.query("launch").lifetime(), 50)
    }

    func testBadArgumentsTakeOverNothing() throws {
        let store = try inMemory()
        for key in ["", String(repeating: "k", count: 1_025)] {
            assert(.invalidArgument, try store.importOnce(key, counts: prefs))
        }
        for count in [-1, 4_294_967_296] {
            let occurrence = Occurrence("a", at: noon, count: count)
            assert(.invalidArgument, try store.importOnce("k") { [occurrence] })
        }
        let late = Occurrence("a", at: noon + 61)
        assert(.invalidArgument, try store.importOnce("k") { [late] })
        let undated = Occurrence("a", at: Date(timeIntervalSince1970: .nan))
        assert(.invalidArgument, try store.importOnce("k") { [undated] })
        XCTAssertTrue(store.events.isEmpty)
        XCTAssertTrue(try store.importOnce("k", counts: prefs))
        try store.close()
        assert(.closed, try store.importOnce("k", counts: prefs))
    }
}
