import TinyCounter
import XCTest

final class MergingTests: StoreTestCase {
    func testPartsOfAnExportMergeInAnyOrderAndMakeTheNextOneEmpty() throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        for number in 0..<50 { try phone.record("event \(number)") }
        let parts = try phone.exportParts(maxBytes: 800)
        XCTAssertGreaterThan(parts.count, 2)
        XCTAssertTrue(parts.allSatisfy { $0.count <= 800 }, "\(parts.map(\.count))")
        for part in parts.reversed() { _ = try tablet.merge(part) }
        XCTAssertEqual(try tablet.events.count, 50)
        let rest = try phone.exportParts(maxBytes: 800, since: tablet.knowledge())
        XCTAssertEqual(try rest.map { try tablet.merge($0).eventsChanged }, [0])
        XCTAssertThrowsError(try phone.exportParts(maxBytes: -1))
    }

    func testCountsOfDevicesAddUp() throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        try phone.record("launch", count: 2)
        try tablet.record("launch", count: 3)
        let export = try phone.export()
        XCTAssertEqual(try tablet.merge(export).eventsChanged, 1)
        XCTAssertEqual(try tablet.merge(export).eventsChanged, 0, "nothing is counted twice")
        XCTAssertEqual(try tablet.query("launch").lastDays(1).sum(), 5)

        let news = try tablet.export(since: phone.knowledge())
        let report = try phone.merge(news)
        XCTAssertEqual(report.replicas, 1)
        XCTAssertEqual([report.conflictingCopies, report.refused], [0, 0])
        XCTAssertFalse(report.restarted)
        XCTAssertEqual(try phone.query("launch").lastDays(1).sum(), 5)
    }

    private func store(_ directory: URL) throws -> EventStore {
        try EventStore(directory: directory, timeZone: .utc, clock: clock)
    }

    func testCopiesThatCountUnderOneIdentityAreReportedAndTheGreaterCountIsKept() throws {
        let original = try onDisk()
        original.record("launch")
        try original.persist()
        let copy = try store(killed())
        try clock.advance(by: .minutes(1))
        copy.record("launch")
        try clock.advance(by: .minutes(1))
        try original.record("launch", count: 2)
        let tablet = try inMemory()
        XCTAssertEqual(try tablet.merge(original.export()).conflictingCopies, 0)
        let report = try tablet.merge(copy.export())
        XCTAssertEqual(report.conflictingCopies, 1)
        XCTAssertFalse(report.restarted)
        XCTAssertEqual(try tablet.query("launch").lastDays(1).sum(), 3, "1 + 2, which is more than 1 + 1")
        XCTAssertEqual(try tablet.query("launch").lifetime(), 4, "1 + 1 + 2 in three minutes")

        XCTAssertTrue(try original.merge(tablet.export()).restarted, "another store continues a copy of it")
        original.record("launch")
        try tablet.merge(original.export())
        XCTAssertEqual(try [original, tablet].map { try $0.query("launch").lifetime() }, [5, 5])
    }

    func testARestoredBackupGoesOnUnderANewIdentity() throws {
        let phone = try onDisk()
        try phone.record("launch", count: 3)
        try phone.persist()
        let backup = try killed()
        try phone.record("launch", count: 5)
        let newer = try phone.export()
        try phone.close()
        var restored = try store(backup)
        XCTAssertEqual(try restored.query("launch").lifetime(), 3)
        let report = try restored.merge(newer)
        XCTAssertTrue(report.restarted)
        XCTAssertEqual(report.conflictingCopies, 0)
        restored.record("launch")
        try restored.close()
        restored = try store(backup)
        XCTAssertEqual(try restored.query("launch").lifetime(), 9)
        XCTAssertFalse(try restored.merge(newer).restarted)
    }

    func testErasingSeveralEventsReachesAnotherDevice() throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        for event in ["secret a", "secret b", "launch"] { phone.record(event) }
        tablet.record("secret a")
        let before = try phone.export()
        try tablet.merge(before)
        try phone.merge(tablet.export())
        XCTAssertEqual(try phone.eraseEvents(["secret a", "secret b"]), 2)
        XCTAssertEqual(try tablet.merge(phone.export(since: tablet.knowledge())).eventsChanged, 2)
        try tablet.merge(before)
        XCTAssertEqual(tablet.events, ["launch"])
        XCTAssertEqual(try tablet.query("secret a").lifetime() ?? 0, 0, "also what the tablet counted")
        try phone.merge(tablet.export())
        XCTAssertEqual(phone.events, ["launch"])
    }

    func testWhatIsErasedStaysErased() throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        phone.record("secret")
        phone.record("launch")
        let before = try phone.export()
        XCTAssertTrue(try phone.erase("secret"))
        XCTAssertFalse(try phone.erase("never"))
        try tablet.merge(phone.export())
        try tablet.merge(before)
        XCTAssertEqual(try tablet.query("secret").lifetime() ?? 0, 0)
        XCTAssertEqual(try tablet.query("launch").lifetime(), 1)
        XCTAssertEqual(try phone.eraseAll(), 1)
        XCTAssertEqual(phone.events, [])
    }

    func testExportsStaySmallAndErasedEventsStayErasedAfterARestart() throws {
        var store = try onDisk()
        let tablet = try inMemory()
        store.record("secret")
        for number in 0..<50 { store.record("other \(number)") }
        let old = try store.export()
        try store.erase("secret")
        try tablet.merge(store.export())
        try store.merge(tablet.export())
        try store.close()
        tablet.record("launch")
        store = try onDisk()
        let news = try tablet.export(since: store.knowledge())
        XCTAssertLessThan(news.count, try tablet.export().count / 4)
        XCTAssertEqual(try store.merge(news).eventsChanged, 1)
        let nothingNew = try store.export(since: tablet.knowledge())
        XCTAssertLessThan(nothingNew.count, try store.export().count / 4)
        XCTAssertEqual(try tablet.merge(nothingNew).eventsChanged, 0)
        XCTAssertEqual(try store.merge(old).eventsChanged, 0)
        XCTAssertFalse(store.events.contains("secret"))
        XCTAssertTrue(store.health.isGood)
    }

    func testDamagedDataChangesNothing() throws {
        let store = try inMemory()
        store.record("launch")
        let good = try fixture("export-v1.bin")
        for index in stride(from: 0, to: good.count, by: 7) {
            var bad = good
            bad[index] ^= 0x55
            XCTAssertThrowsError(try store.merge(bad), "byte \(index)") { error in
                let kind = (error as? EventError).map(Kind.init)
                XCTAssertTrue(kind == .corrupt || kind == .incompatible, "byte \(index): \(error)")
            }
        }
        assert(.corrupt, try store.merge(good.dropLast()))
        assert(.corrupt, try store.merge(Data()))
        assert(.corrupt, try store.merge(Data("no export".utf8)))
        assert(.corrupt, try store.export(since: Data([1, 2, 3])))
        XCTAssertEqual(store.events, ["launch"])
    }

    func testASliceOfDataCanBeMerged() throws {
        let export = try fixture("export-v1.bin")
        let slice = (Data([1, 2, 3]) + export).dropFirst(3)
        let store = try inMemory()
        XCTAssertEqual(try store.merge(slice).eventsChanged, try inMemory().merge(export).eventsChanged)
    }
}
