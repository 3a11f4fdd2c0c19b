import TinyCounter
import XCTest

/// The files of tests/fixtures, which earlier versions wrote, as tests/golden.rs reads them. The rule
/// documents among them are read in LimitJSONTests.
final class GoldenTests: StoreTestCase {
    func testAnExportGivesTheSameNumbersInEveryLanguage() throws {
        let store = try inMemory()
        try store.merge(fixture("export-v1.bin"))
        try assertSameNumbers(store)
    }

    func testAStoreThatCountedNothingExportsTheBytesThatItMerged() throws {
        let (store, bytes) = (try inMemory(), try fixture("export-v1.bin"))
        try store.merge(bytes)
        XCTAssertEqual(try store.export(), bytes)
    }

    func testALogGivesTheSameNumbersInEveryLanguage() throws {
        try copyLog()
        try assertSameNumbers(onDisk())
    }

    private func assertSameNumbers(_ store: EventStore) throws {
        let table = String(decoding: try fixture("export-v1.csv"), as: UTF8.self)
        let lines = table.split(separator: "\n").dropFirst().map(String.init)
        XCTAssertEqual(try store.events.map { try line($0, of: store) }, lines)
        XCTAssertGreaterThan(lines.count, 3)
    }

    private func line(_ event: String, of store: EventStore) throws -> String {
        let query = store.query(event)
        let counts = try store.answers(to: [
            query.lifetime, query.lastDays(7).sum, query.lastDays(28).countNonzero, query.lastHours(24).sum,
            query.lastYears(1).sum,
        ])
        let agos = try store.answers(to: [query.lastSeen, query.firstSeen])
        let columns = counts.map { $0.map(String.init) } + agos.map { $0.map { String(Int($0 * 1000)) } }
        return ([event] + columns.map { $0 ?? "-" }).joined(separator: ",")
    }

    func testALogGivesTheSameNumbersAfterItWasWrittenAndRewritten() throws {
        try copyLog()
        do {
            let store = try onDisk()
            XCTAssertTrue(store.health.isGood)
            store.record("new")
            try store.persist()
            XCTAssertTrue(try store.erase("new"))
            try store.persist()
        }
        try assertSameNumbers(onDisk())
    }

    func testAnExportOfTheLogGivesTheSameNumbers() throws {
        try copyLog()
        let other = try inMemory()
        try other.merge(onDisk().export())
        try assertSameNumbers(other)
    }

    func testTheNumbersThatTheFixturesAreKnownFor() throws {
        try copyLog()
        let store = try onDisk()
        XCTAssertEqual(store.events.filter { $0 == "secret" }, [], "it was erased")
        XCTAssertEqual(try store.query("app_launch").lifetime(), 1_000_095)
        XCTAssertEqual(try store.query("app_launch").lastDays(7).sum(), 14)
        XCTAssertEqual(try store.query("app_launch").lastDays(28).countNonzero(), 27)
        XCTAssertEqual(try ["sp\u{e4}ter \u{1f680}", "review_prompt", "known", ""].map { try store.query($0).lifetime() }, [8, 1, 0, 3])
    }

    func testPartsAndASyncStateOfEachLanguageSayWhatItRecorded() throws {
        let own = try inMemory()
        try recordExchanged(own)
        let parts = try own.exportParts(maxBytes: 1_000)
        XCTAssertEqual(parts.count, 2)
        try writeExchanged("part-0", parts[0])
        try writeExchanged("part-1", parts[1])
        try writeExchanged("knowledge", own.knowledge())
        for language in languages {
            guard let last = try exchanged(language, "part-1"), let first = try exchanged(language, "part-0"),
                let knowledge = try exchanged(language, "knowledge")
            else { continue }
            let store = try inMemory()
            try store.merge(last)
            XCTAssertTrue((1..<22).contains(store.events.count), "one part of \(language) has some events")
            try store.merge(first)
            XCTAssertEqual(store.events.count, 22, language)
            XCTAssertEqual(try store.query("launch").lifetime(), 3, language)
            XCTAssertEqual(try store.query("sp\u{e4}ter \u{1f680}").lastDays(1).sum(), 1, language)
            store.record("new")
            let news = try inMemory()
            try news.merge(store.export(since: knowledge))
            XCTAssertEqual(news.events, ["new"], "all else is known to \(language)")
        }
    }

    private func copyLog() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try fixture("log-v1/events.log").write(to: folder.appendingPathComponent("events.log"))
    }
}
