import Foundation
import TinyCounter
import XCTest

/// A decision that records further events in the same step.
final class AlsoRecordTests: StoreTestCase {
    private func message(_ kind: String, _ store: EventStore) throws -> Limiter {
        try store.limit(kind)
            .atMost(1, within: .days(1))
            .atMost(2, of: "any_message", within: .days(1))
            .alsoRecord("any_message")
    }

    private func counts(_ store: EventStore, _ events: String...) throws -> [Int] {
        try events.map { try store.query($0).lifetime() ?? 0 }
    }

    func testACapForAllMessagesHoldsBesideACapForEach() throws {
        let store = try inMemory()
        XCTAssertEqual(try message("a", store).limit.alsoRecord, ["any_message"])
        XCTAssertTrue(try message("a", store).checkAndRecord().isAllowed)
        XCTAssertFalse(try message("a", store).checkAndRecord().isAllowed)
        XCTAssertTrue(try message("b", store).cooldown(.hours(1)).checkAndRecord().isAllowed)
        let refused = try message("c", store).checkAndRecord()
        XCTAssertEqual(refused.refusals.map(\.rule), [.atMost(2, of: "any_message", within: .days(1))])
        XCTAssertEqual(try counts(store, "a", "b", "c", "any_message"), [1, 1, 0, 2])
    }

    func testAReservationReservesAndRecordsAllOfThem() throws {
        let store = try onDisk()
        guard case .reserved(let first) = try message("a", store).reserve() else { return XCTFail("refused") }
        guard case .reserved(let second) = try message("b", store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        guard case .refused = try message("c", store).reserve() else { return XCTFail("reserved") }
        XCTAssertEqual(store.reservations, [second])
        first.cancel()
        try store.commitReservation(second.key)
        guard case .reserved(let third) = try message("c", store).reserve() else { return XCTFail("refused") }
        try third.commit()
        XCTAssertEqual(try counts(store, "a", "b", "c", "any_message"), [0, 1, 1, 2])
    }

    func testWhatADecisionRecordedIsInTheFileAsAWholeWhenItReturns() throws {
        let store = try onDisk()
        XCTAssertTrue(try message("a", store).checkAndRecord().isAllowed)
        guard case .reserved(let reserved) = try message("b", store).reserve(for: .hours(1)) else { return XCTFail("refused") }
        // As a kill of the process leaves it.
        let copy = folder.appendingPathExtension("copy")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: folder, to: copy)
        let seen = try EventStore(directory: copy, clock: clock)
        XCTAssertEqual(try counts(seen, "a", "any_message", "b"), [1, 1, 0])
        XCTAssertEqual(seen.reservations.map(\.key), [reserved.key])
        try seen.commitReservation(reserved.key)
        XCTAssertEqual(try counts(seen, "a", "any_message", "b"), [1, 2, 1])
    }

    func testAKillKeepsAllOrNothingOfACall() throws {
        let store = try onDisk()
        let log = folder.appendingPathComponent("events.log")
        let limit = Limit(.atMost(9, of: "a", within: .days(1)), alsoRecord: ["any_message", "third"])
        var key: Int64 = 0
        let calls: [(name: String, call: () throws -> Void)] = [
            ("checkAndRecord", { XCTAssertTrue(try store.limit("a", limit).checkAndRecord().isAllowed) }),
            ("reserve", {
                guard case .reserved(let reserved) = try store.limit("a", limit).reserve(for: .hours(1)) else {
                    return XCTFail("refused")
                }
                key = reserved.key
            }),
            ("commitReservation", { try store.commitReservation(key) }),
        ]
        for event in ["a", "any_message"] { store.record(event) }
        try store.persist()
        for (name, call) in calls {
            let (start, before) = (try Data(contentsOf: log), try stored(killed()))
            try call()
            let (end, after) = (try Data(contentsOf: log), try stored(killed()))
            XCTAssertNotEqual(before, after, name)
            XCTAssertEqual(end.prefix(start.count), start, "\(name) appends")
            let copy = try killed()
            var (kept, lost) = (0, 0)
            for length in start.count...end.count {
                try end.prefix(length).write(to: copy.appendingPathComponent("events.log"))
                let found = try stored(copy)
                XCTAssertTrue(found == before || found == after, "\(name), \(length) of \(end.count) bytes: \(found)")
                if found == after { kept += 1 } else { lost += 1 }
            }
            XCTAssertGreaterThan(kept, 0, name)
            XCTAssertGreaterThan(lost, 0, name)
        }
    }

    /// What a store in a folder holds: the counts, what is reserved and what is known of losses.
    private func stored(_ directory: URL) throws -> [String] {
        let store = try EventStore(directory: directory, timeZone: .utc, clock: clock)
        defer { try? store.close() }
        let events = ["a", "any_message", "third"]
        return try events.map { "\(try store.query($0).lifetime() ?? 0) \($0)" }
            + events.map { "\(try store.limit("x").atMost(99, of: $0, within: .ever).explain().rules[0].reserved) reserved" }
            + store.reservations.map { "\($0.key) \($0.event)" }
            + store.health.losses.map { "\($0)" }
    }

    func testManyThreadsDoNotExceedTheCapForAllMessages() throws {
        let store = try inMemory()
        let limits = try (0..<8).map { try message("kind \($0)", store) }
        DispatchQueue.concurrentPerform(iterations: 80) { _ = try? limits[$0 % 8].checkAndRecord() }
        XCTAssertEqual(try counts(store, "any_message"), [2])
    }

    func testNamesOutOfBoundsAreErrors() throws {
        let store = try inMemory()
        let most = (0..<8).map { "also \($0)" }
        XCTAssertTrue(try store.limit("x", Limit(alsoRecord: most)).checkAndRecord().isAllowed)
        for also in [most + ["one more"], ["y", "y"], ["x"], [String(repeating: "é", count: 513)]] {
            assert(.invalidArgument, try store.limit("x", Limit(alsoRecord: also)), "\(also)")
            assert(.invalidArgument, try also.reduce(store.limit("x")) { try $0.alsoRecord($1) }, "\(also)")
        }
        XCTAssertEqual(try counts(store, "x", "y"), [1, 0])
    }
}
