import TinyCounter
import XCTest

final class StoredReservationTests: StoreTestCase {
    private func dialog(_ store: EventStore) throws -> Limiter {
        try store.limit("dialog").atMost(1, within: .rolling(.days(7)))
    }

    func testAStoredReservationSurvivesItsStore() throws {
        var key: Int64 = 0
        do {
            let store = try onDisk()
            guard case .reserved(let reservation) = try dialog(store).reserve(for: .hours(1)) else { return XCTFail("refused") }
            XCTAssertEqual(reservation.event, "dialog")
            XCTAssertEqual(reservation.expiresIn, 3600)
            guard case .refused(let refused) = try dialog(store).reserve(for: .hours(1)) else { return XCTFail("reserved twice") }
            XCTAssertEqual(refused.refusals.map(\.retryAfter), [3600])
            XCTAssertEqual(try dialog(store).reserve(for: .hours(1)).refusals, refused.refusals)
            XCTAssertEqual(try dialog(store).reserve(for: .hours(1)).retryAfter, 3600)
            key = reservation.key
            try store.close()
        }
        try clock.advance(by: .minutes(20))
        let store = try onDisk()
        XCTAssertEqual(store.reservations.map(\.key), [key])
        XCTAssertEqual(store.reservations.map(\.expiresIn), [2400])
        try store.commitReservation(key)
        XCTAssertEqual(try store.query("dialog").lifetime(), 1)
        XCTAssertEqual(try dialog(store).check().retryAfter, 7 * 86400)
        assert(.invalidArgument, try store.commitReservation(key))
    }

    func testACancelledOrExpiredReservationNoLongerCounts() async throws {
        let store = try onDisk()
        guard case .reserved(let first) = try await dialog(store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        try await store.cancelReservation(first.key)
        XCTAssertTrue(try dialog(store).isAllowed())
        guard case .reserved(let second) = try await dialog(store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        XCTAssertFalse(try dialog(store).isAllowed())
        try clock.advance(by: .hours(1))
        XCTAssertTrue(try dialog(store).isAllowed())
        XCTAssertTrue(store.reservations.isEmpty)
        do {
            try await store.commitReservation(second.key)
            XCTFail("committed an expired reservation")
        } catch {
            XCTAssertEqual(Kind(error), .reservationExpired)
            XCTAssertEqual((error as? EventError)?.event, "dialog")
        }
    }

    func testInvalidDurationsAndKeysAreErrors() throws {
        let store = try onDisk()
        for span: TimeSpan in [.hours(0), .hours(-1), .seconds(-1e-9)] + absurd.map(TimeSpan.seconds) {
            assert(.invalidArgument, try dialog(store).reserve(for: span), "\(span)")
        }
        for key: Int64 in [0, -1, .min, .max] {
            assert(.invalidArgument, try store.cancelReservation(key), "\(key)")
        }
    }

    func testAReservedEventIsNotKnownUntilItsReservationEndsAndAnErasureEndsIt() throws {
        var store = try onDisk()
        guard case .reserved = try dialog(store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        XCTAssertEqual(store.events, [])
        try store.close()
        store = try onDisk()
        XCTAssertEqual(store.events, [])
        XCTAssertNil(try store.query("dialog").lifetime())
        XCTAssertEqual(store.reservations.map(\.event), ["dialog"])
        try store.eraseAll()
        XCTAssertEqual(store.reservations.count, 0)
        guard case .reserved(let reservation) = try dialog(store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        try store.close()
        store = try onDisk()
        XCTAssertEqual(store.reservations.map(\.key), [reservation.key])
        try store.cancelReservation(reservation.key)
        XCTAssertEqual(store.events, ["dialog"])
    }

    func testAStoreInMemoryKeepsAStoredReservationUntilItIsReleased() throws {
        let store = try inMemory()
        guard case .reserved(let reservation) = try dialog(store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        XCTAssertFalse(try dialog(store).isAllowed())
        try store.commitReservation(reservation.key)
        XCTAssertEqual(try store.query("dialog").lifetime(), 1)
    }

    func testARestoredFolderWithoutItsIdentityCountsBesideTheOriginal() throws {
        let copy = folder.appendingPathExtension("copy"), apart = folder.appendingPathExtension("apart")
        defer { for url in [copy, apart] { try? FileManager.default.removeItem(at: url) } }
        func store(_ folder: URL, _ token: String) throws -> EventStore {
            try EventStore(directory: folder, timeZone: .utc, clock: clock, identity: apart.appendingPathComponent(token))
        }
        let old = try store(folder, "old")
        try old.record("launch", count: 10)
        try old.persist()
        try FileManager.default.copyItem(at: folder, to: copy)
        try old.record("launch", count: 5)
        let new = try store(copy, "new")
        try new.record("launch", count: 100)
        try new.merge(old.export())
        try old.merge(new.export())
        XCTAssertEqual(try [old, new].map { try $0.query("launch").lifetime() }, [115, 115])
        try new.close()
        assert(.unavailable, try EventStore(directory: copy, clock: clock, identity: folder))
        assert(.invalidArgument, try EventStore(directory: copy, clock: clock, identity: URL(string: "https://example.org")!))
    }
}
