import Foundation
import TinyCounter
import XCTest

/// What passes numbers only: names, questions and limits that were used before.
final class ByNumberTests: StoreTestCase {
    func testMoreNamesThanAreKeptAreAllCounted() throws {
        let store = try inMemory()
        for _ in 0..<3 { for name in 0..<3_000 { store.record("e\(name)") } }
        for name in 0..<3_000 { XCTAssertEqual(try store.query("e\(name)").lifetime(), 3) }
    }

    func testNamesThatLookTheSameAreCountedApart() throws {
        let store = try inMemory()
        let (one, other) = ("caf\u{e9}", "cafe\u{301}")
        XCTAssertEqual(one, other)
        for _ in 0..<2 {
            for _ in 0..<2 { store.record(one) }
            store.record(other)
        }
        for _ in 0..<2 {
            XCTAssertEqual(try store.query(one).lastDays(1).sum(), 4)
            XCTAssertEqual(try store.query(other).lastDays(1).sum(), 2)
            XCTAssertEqual(try store.query([one, other]).lastDays(1).sum(), 6)
            XCTAssertEqual(try store.query([other, other]).lastDays(1).sum(), 4)
            XCTAssertEqual(try store.query(other).lastSeen(), 0)
            XCTAssertEqual(try store.ratio(of: one, to: other).lastDays(1).value(), 2)
            XCTAssertEqual(try store.ratio(of: other, to: one).lastDays(1).value(), 0.5)
            XCTAssertFalse(try store.limit(one).atMost(4, within: .today).isAllowed())
            XCTAssertTrue(try store.limit(other).atMost(4, within: .today).isAllowed())
            XCTAssertFalse(try store.limit("x").anyOf(.atMost(3, of: one, within: .today)).isAllowed())
            XCTAssertTrue(try store.limit("x").anyOf(.atMost(3, of: other, within: .today)).isAllowed())
        }
        XCTAssertTrue(try store.limit("y").alsoRecord(one).checkAndRecord().isAllowed)
        XCTAssertTrue(try store.limit("y").alsoRecord(other).checkAndRecord().isAllowed)
        XCTAssertEqual(try [one, other].map { try store.query($0).lifetime() }, [5, 3])
    }

    func testManyHandlesCountAndAreReleased() throws {
        let store = try inMemory()
        var handles = (0..<100_000).map { store.event("e\($0 % 10)") }
        handles.forEach { $0.record() }
        handles.removeAll()
        for name in 0..<10 { XCTAssertEqual(try store.query("e\(name)").lifetime(), 10_000) }
    }

    func testAQuestionThatWasAskedBeforeIsAskedAnew() throws {
        let store = try inMemory()
        let days = { try store.query("launch").lastDays($0) }
        for round in 1...3 {
            try store.record("launch", count: 2)
            XCTAssertEqual(try days(7).sum(), 2 * round)
            XCTAssertEqual(try days(7).average(), 2 * Double(round) / 7)
        }
        try clock.advance(by: .days(1))
        XCTAssertEqual(try [1, 2].map { try days($0).sum() }, [0, 6])
        XCTAssertEqual(try days(2).newest(), 1)
        XCTAssertEqual(try store.query("launch").lastSeen(), 86_400)
        try store.erase("launch")
        XCTAssertNil(try days(7).sum())
        XCTAssertNil(try days(7).average())
        XCTAssertNil(try store.query("launch").lastSeen())
    }

    func testQuestionsThatDifferInOneThingAreNotMixedUp() throws {
        let store = try inMemory()
        try store.record("a", count: 3)
        try store.record("a", count: 4, ago: .days(1))
        try store.record("b", count: 10)
        for _ in 0..<2 {
            XCTAssertEqual(try store.query("a").lastDays(1).sum(), 3)
            XCTAssertEqual(try store.query("a").lastDays(2).sum(), 7)
            XCTAssertEqual(try store.query("a").days(1..<2).sum(), 4)
            XCTAssertEqual(try store.query("a").lastHours(24).sum(), 3)
            XCTAssertEqual(try store.query(["a", "b"]).lastDays(2).sum(), 17)
            XCTAssertEqual(try store.query("a").lastDays(2).countNonzero(), 2)
            XCTAssertEqual(try store.query("a").lastDays(2).average(), 3.5)
            XCTAssertEqual(try store.query("a").lastDays(2).buckets(), [3, 4])
            XCTAssertEqual(try store.query("a").lifetime(), 7)
            XCTAssertEqual(try store.query("a").firstSeen(), 86_400)
            XCTAssertEqual(try store.ratio(of: "a", to: "b").lastDays(1).value(), 0.3)
            XCTAssertEqual(try store.delta(of: "a", minus: "b").lastDays(1).sum(), -7)
            XCTAssertEqual(try store.delta(of: "a", minus: "b").lastDays(7).average(), -3.0 / 7)
        }
        for _ in 0..<2 { for last in 0..<1_000 { XCTAssertEqual(try store.query("b").days(0..<last + 1).sum(), 10) } }
    }

    func testAQuestionAboutANameThatIsTooLongHasAnAnswer() throws {
        let store = try inMemory()
        let long = String(repeating: "ü", count: 513)
        store.record(long)
        store.event(long).record()
        XCTAssertNil(try store.query(long).lastDays(1).sum())
        XCTAssertNil(try store.query(long).lastSeen())
        XCTAssertEqual(try store.query(long).lastDays(1).buckets(), [])
    }

    func testALimitThatIsWrittenWhereItIsNeededIsOneLimit() throws {
        let store = try inMemory()
        let limit = { (most: Int) in try store.limit("x").atMost(most, within: .hours(1)).alsoRecord("any") }
        XCTAssertTrue(try limit(2).checkAndRecord().isAllowed)
        XCTAssertFalse(try limit(1).isAllowed())
        XCTAssertTrue(try limit(2).checkAndRecord().isAllowed)
        guard case .refused(let refused) = try limit(2).checkAndRecord() else { return XCTFail("allowed") }
        XCTAssertEqual(refused.retryAfter, 3_600)
        XCTAssertFalse(try limit(2).check().isAllowed)
        XCTAssertTrue(try limit(3).check().isAllowed)
        try clock.advance(by: .minutes(61))
        XCTAssertTrue(try limit(2).isAllowed())
        XCTAssertEqual(try ["x", "any"].map { try store.query($0).lifetime() }, [2, 2])
        for most in 0..<1_000 { XCTAssertEqual(try limit(most).isAllowed(), most > 0) }
    }

    func testWhatWasUsedBeforeSaysThatTheStoreIsClosed() throws {
        let store = try inMemory()
        let (tap, limit) = (store.event("tap"), try store.limit("tap").atMost(5, within: .today))
        let average = try store.query("tap").lastDays(1).average.prepared()
        let calls: [() throws -> Void] = [
            { _ = try store.query("tap").lastDays(1).sum() },
            { _ = try store.query("tap").lastSeen() },
            { _ = try store.query("tap").lastDays(1).average() },
            { _ = try store.query("tap").lastDays(1).buckets() },
            { _ = try average() },
            { _ = try limit.check() },
            { _ = try limit.checkAndRecord() },
        ]
        tap.record()
        store.record("tap")
        for call in calls { XCTAssertNoThrow(try call()) }
        XCTAssertTrue(limit.isAllowed())
        try store.close()
        tap.record()
        store.record("tap")
        for call in calls { assert(.closed, try call()) }
        XCTAssertFalse(limit.isAllowed())
        assert(.invalidArgument, try tap.record(count: -1))
    }

    func testAnEventThatCannotBeWrittenIsCountedOnce() throws {
        let store = try onDisk()
        let limit = try store.limit("x").atMost(2, within: .today)
        XCTAssertTrue(try limit.checkAndRecord().isAllowed)
        try store.persist()
        // As another process would do that has the store open.
        let file = try FileHandle(forWritingTo: folder.appendingPathComponent("events.log"))
        file.seekToEndOfFile()
        file.write(Data(count: 100))
        file.closeFile()
        assert(.notWritten, try limit.checkAndRecord())
        XCTAssertEqual(try store.query("x").lifetime(), 2)
        XCTAssertFalse(try limit.checkAndRecord().isAllowed)
        assert(.unavailable, try store.close())
    }
}
