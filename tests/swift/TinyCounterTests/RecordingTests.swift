import TinyCounter
import XCTest

private enum AppEvent: String, EventID {
    case launch, crash
}

final class RecordingTests: StoreTestCase {
    func testRecordingsAreCounted() throws {
        let store = try inMemory()
        store.record("launch")
        try store.record("launch", count: 3)
        try store.record("launch", count: 2, at: clock.now - 86_400)
        try store.record("launch", ago: .days(2))
        XCTAssertEqual(try store.query("launch").lastDays(3).buckets(), [4, 2, 1])
        XCTAssertEqual(try store.query("launch").lifetime(), 7)
    }

    func testAnEventUpToAMinuteInTheFutureHappenedNow() throws {
        let store = try inMemory()
        try store.record("launch", ago: .minutes(-1))
        try store.record("launch", at: clock.now + 60)
        XCTAssertEqual(try store.query("launch").lastSeen(), 0)
        XCTAssertEqual(try store.query("launch").lifetime(), 2)
    }

    func testNamesAreStringsOrEnums() throws {
        let store = try inMemory()
        let name = "crash"
        store.record(AppEvent.launch)
        store.record(name)
        XCTAssertEqual(store.events, ["crash", "launch"])
        XCTAssertEqual(try store.query("launch").lifetime(), 1)
        XCTAssertEqual(try store.query([AppEvent.launch, .crash]).lifetime(), 2)
    }

    func testEveryStringIsAName() throws {
        let store = try onDisk()
        let names = ["", "..", "a/b", "später 🚀", "e\u{301}", "null\0byte"]
        names.forEach { store.record($0) }
        try store.close()
        let again = try onDisk()
        XCTAssertEqual(Set(again.events), Set(names))
        for name in names { XCTAssertEqual(try again.query(name).lifetime(), 1, name) }
    }

    func testAHandleCounts() throws {
        let store = try inMemory()
        let tap = store.event("tap")
        tap.record()
        try tap.record(count: 4)
        XCTAssertEqual(tap.name, "tap")
        XCTAssertEqual(try tap.query.ever().sum(), 5)
        XCTAssertFalse(try tap.limit.atMost(5, within: .today).check().isAllowed)
    }

    func testAHandleKeepsItsStore() throws {
        weak var kept: EventStore?
        var tap: Event?
        do {
            let store = try inMemory()
            kept = store
            tap = store.event("tap")
        }
        tap?.record()
        XCTAssertEqual(try kept?.query("tap").lifetime(), 1)
        tap = nil
        XCTAssertNil(kept)
    }

    func testBalancingMakesTwoCountsEqual() throws {
        let store = try inMemory()
        try store.record("added", count: 5)
        try store.record("removed", count: 2)
        try store.balance("added", with: "removed")
        XCTAssertEqual(try store.delta(of: "added", minus: "removed").ever().sum(), 0)
        XCTAssertEqual(try store.query("removed").lifetime(), 5)
        try store.balance("removed", with: "new")
        XCTAssertEqual(try store.query("new").lifetime(), 5)
    }

    func testACountOfZeroMakesTheEventKnown() throws {
        let store = try inMemory()
        XCTAssertNil(try store.query("a").lastDays(7).sum())
        try store.record("a", count: 0)
        XCTAssertEqual(try store.query("a").lastDays(7).sum(), 0)
        XCTAssertNil(try store.query("a").lastSeen())
    }

    func testNoRecordingOfManyThreadsIsLost() throws {
        let store = try inMemory()
        let tap = store.event("tap")
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<500 {
                tap.record()
                store.record("tap")
            }
        }
        XCTAssertEqual(try store.query("tap").lifetime(), 8_000)
    }

    func testTheStateOfAStore() throws {
        let store = try inMemory(tracking: [.days: 30, .minutes: 60])
        XCTAssertEqual(store.now, clock.now)
        XCTAssertEqual(store.tracking, [.minutes: 60, .days: 30])
        XCTAssertEqual(store.tracking[.days], 30)
        XCTAssertNil(store.tracking[.hours])
        store.record("a")
        XCTAssertGreaterThan(store.memoryUsage, 0)
        XCTAssertTrue(store.health.isGood, "\(store.health)")
    }

    func testTimeSpans() throws {
        let spans: [TimeSpan] = [.milliseconds(90), .seconds(90), .minutes(1.5), .hours(0.5), .days(2), .weeks(1)]
        XCTAssertEqual(spans.map(\.seconds), [0.09, 90, 90, 1_800, 172_800, 604_800])
        if #available(iOS 16, macOS 13, tvOS 16, watchOS 9, *) {
            XCTAssertEqual(TimeSpan(.milliseconds(1_500)), .seconds(1.5))
        }
    }

    func testTheStandardUnits() throws {
        XCTAssertEqual(try inMemory(tracking: [:]).tracking, .standard)
        XCTAssertEqual(try inMemory(tracking: .analytics).tracking, .analytics)
        XCTAssertEqual(try inMemory(tracking: .rateLimiting).tracking, .rateLimiting)
    }

    func testWhatIsRecordedNowByAnAsyncCallIsCounted() async throws {
        let store = try inMemory()
        try await store.recordNow("crash")
        try await store.recordNow("crash", count: 2)
        XCTAssertEqual(try store.query("crash").lifetime(), 3)
        do {
            try await store.recordNow("crash", count: -1)
            XCTFail("a negative count")
        } catch {
            guard case .invalidArgument = error else { return XCTFail("\(error)") }
        }
    }

    func testWhatIsRecordedNowIsInTheFileWhenTheCallReturns() throws {
        let store = try onDisk()
        store.record("launch")
        try store.recordNow("crash")
        try store.recordNow("crash", count: 2)
        // As after a kill: another process has the file as it is now.
        let copy = folder.appendingPathExtension("copy")
        try FileManager.default.copyItem(at: folder, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let found = try EventStore(directory: copy, timeZone: .utc, clock: clock)
        XCTAssertEqual(try ["launch", "crash"].map { try found.query($0).lifetime() }, [1, 3])
        assert(.invalidArgument, try store.recordNow("crash", count: -1))
        assert(.invalidArgument, try store.recordNow(String(repeating: "x", count: 1_025)))
        try FileManager.default.removeItem(at: folder)
        assert(.notWritten, try store.recordNow("crash"))
        XCTAssertEqual(try store.query("crash").lifetime(), 4)
    }
}
