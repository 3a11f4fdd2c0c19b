import TinyCounter
import XCTest

final class SavingTests: StoreTestCase {
    func testPersistsAndReopens() throws {
        let store = try onDisk()
        XCTAssertFalse(store.isDirty)
        try store.record("launch", count: 5)
        XCTAssertTrue(store.isDirty)
        try store.persist()
        XCTAssertFalse(store.isDirty)
        try store.close()
        XCTAssertEqual(try onDisk().query("launch").lastDays(1).sum(), 5)
    }

    func testReleasingAStoreSavesIt() throws {
        do { try onDisk().record("launch", count: 2) }
        XCTAssertEqual(try onDisk().query("launch").lastDays(1).sum(), 2)
    }

    func testWritesInline() throws {
        let store = try onDisk(writes: .inline)
        store.record("launch")
        let copy = folder.appendingPathExtension("copy")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: folder, to: copy)
        XCTAssertEqual(try EventStore(directory: copy, clock: clock).query("launch").lifetime(), 1)
    }

    func testTheAsyncVersions() async throws {
        let opened = try await EventStore(directory: folder, timeZone: .utc, clock: clock)
        opened.record("launch")
        try await opened.persist()
        XCTAssertFalse(opened.isDirty)
        let decision = try await opened.limit("tip").atMost(1, within: .today).checkAndRecord()
        XCTAssertEqual(decision, .allowed)
        guard case .reserved(let reservation) = try opened.limit("ad").reserve() else { return XCTFail("refused") }
        try await reservation.commit()

        let other = try inMemory()
        let report = try await other.merge(opened.export())
        XCTAssertEqual(report.eventsChanged, 3)
        let news = try await opened.export(since: other.knowledge())
        let again = try await other.merge(news)
        XCTAssertEqual(again.eventsChanged, 0)
        XCTAssertEqual(try other.query("launch").lifetime(), 1)

        let known = try await opened.erase("tip")
        XCTAssertTrue(known)
        let several = try await opened.eraseEvents(["tip", "never"])
        XCTAssertEqual(several, 0)
        let rest = try await opened.eraseAll()
        XCTAssertEqual(rest, 2)
        try await opened.acknowledgeLoss()

        try await opened.close()
        XCTAssertFalse(try opened.limit("tip").atMost(1, within: .today).isAllowed(), "unknown counts refuse")
        do {
            try await opened.persist()
            XCTFail("a closed store persisted")
        } catch {
            XCTAssertEqual(Kind(error), .closed)
        }
        do {
            _ = try await EventStore(directory: URL(string: "https://example.org")!)
            XCTFail("opened a web page")
        } catch {
            XCTAssertEqual(Kind(error), .invalidArgument)
        }
    }

    func testErasingSeveralEventsLeavesNoNameInAFile() throws {
        let store = try onDisk()
        for event in ["secret a", "secret b", "launch"] { store.record(event) }
        try store.persist()
        func isHeld() throws -> Bool {
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .contains { try Data(contentsOf: $0).range(of: Data("secret".utf8)) != nil }
        }
        XCTAssertTrue(try isHeld())
        assert(.invalidArgument, try store.eraseEvents(["secret a", String(repeating: "x", count: 1_025)]))
        XCTAssertEqual(store.events.count, 3)
        XCTAssertEqual(try store.eraseEvents(["secret a", "secret b", "secret a", "never"]), 2)
        XCTAssertFalse(try isHeld())
        XCTAssertEqual(try store.eraseEvents([String]()), 0)
        store.record("secret c")
        try store.persist()
        XCTAssertTrue(try store.erase("secret c"))
        XCTAssertTrue(store.isDirty)
        try store.persist()
        XCTAssertFalse(try isHeld())
        try store.close()
        XCTAssertEqual(try onDisk().events, ["launch"])
    }

    func testOneStoreOnOneFolder() throws {
        let store = try onDisk()
        assert(.unavailable, try onDisk())
        try store.close()
        XCTAssertNoThrow(try onDisk())
    }

    func testAStoreInMemoryCannotBeSaved() throws {
        let store = try inMemory()
        store.record("a")
        assert(.storage, try store.persist())
    }

    func testAFileInsteadOfAFolderIsAnError() throws {
        let file = folder.appendingPathExtension("file")
        try Data("x".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        XCTAssertThrowsError(try EventStore(directory: file.appendingPathComponent("store"))) { error in
            XCTAssertTrue(error is EventError, "\(error)")
            XCTAssertFalse(error.localizedDescription.isEmpty)
        }
    }

    func testDamageIsReportedAndAcknowledged() throws {
        let store = try onDisk()
        for event in ["damaged", "b", "c"] {
            store.record(event)
            try store.persist()
        }
        try store.close()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in files {
            var bytes = try Data(contentsOf: file)
            guard let name = bytes.range(of: Data("damaged".utf8)) else { continue }
            bytes[name.upperBound + 1] ^= 0xff
            try bytes.write(to: file)
        }
        let again = try onDisk()
        XCTAssertFalse(again.health.isGood)
        XCTAssertEqual(again.health.losses.map(\.noticed), again.health.losses.map { _ in clock.now })
        XCTAssertFalse(again.health.keptAside.isEmpty)
        let limit = try again.limit("damaged").atMost(9, within: .today).atLeast(1, of: "other")
        XCTAssertEqual(try limit.check().refusals.map(\.afterLoss), [true, false], "unknown counts refuse")
        XCTAssertEqual(try limit.explain().rules.map(\.afterLoss), [true, false])
        try again.acknowledgeLoss()
        XCTAssertEqual(try limit.check().refusals.map(\.afterLoss), [false])
        XCTAssertEqual(try limit.explain().rules.map(\.afterLoss), [false, false])
        XCTAssertTrue(again.health.losses.isEmpty)
    }

    func testTheDefaultFolder() {
        XCTAssertTrue(EventStore.defaultDirectory.isFileURL)
        XCTAssertEqual(EventStore.defaultDirectory.lastPathComponent, "TinyCounter")
    }
}
