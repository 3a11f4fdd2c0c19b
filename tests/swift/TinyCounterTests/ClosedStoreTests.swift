import TinyCounter
import XCTest

/// Every public call on a closed store gives the answer of the table in README.md.
final class ClosedStoreTests: StoreTestCase {
    private struct Made {
        let store: EventStore
        let tap: Event
        let limit: Limiter
        let question: PreparedQuestion<Int?>
        let reservation: Reservation
        let other: Reservation
        let key: Int64
        let export: Data
        let knowledge: Data
    }

    /// A store in memory and one on a folder that were closed, and what was made of them before.
    private func closed() throws -> [(name: String, Made)] {
        let stores = [("memory", try inMemory(markers: ["m"])), ("folder", try onDisk(markers: ["m"]))]
        return try stores.map { name, store in
            store.record("a")
            let limit = try store.limit("a").atMost(9, within: .today)
            guard case .reserved(let reservation) = try limit.reserve(), case .reserved(let other) = try limit.reserve(),
                case .reserved(let stored) = try limit.reserve(for: .days(1))
            else { throw EventError.unexpected(reason: "refused") }
            let made = Made(
                store: store, tap: store.event("a"), limit: limit, question: try store.query("a").lastDays(1).sum.prepared(),
                reservation: reservation, other: other, key: stored.key, export: try store.export(),
                knowledge: try store.knowledge())
            try store.close()
            return (name, made)
        }
    }

    func testCallsThatNeedTheCountsThrow() throws {
        for (name, made) in try closed() {
            let (store, limit) = (made.store, made.limit)
            let query = store.query("a")
            let calls: [(String, () throws -> Void)] = [
                ("recordNow", { try store.recordNow("a") }),
                ("recordNow of 2", { try store.recordNow("a", count: 2) }),
                ("record at", { try store.record("a", at: self.clock.now) }),
                ("balance", { try store.balance("a", with: "b") }),
                ("appVersion", { try store.appVersion("1") }),
                ("check", { _ = try limit.check() }),
                ("checkAndRecord", { _ = try limit.checkAndRecord() }),
                ("reserve", { _ = try limit.reserve() }),
                ("reserve for", { _ = try limit.reserve(for: .days(1)) }),
                ("usage", { _ = try limit.usage() }),
                ("explain", { _ = try limit.explain() }),
                ("commit", { try made.reservation.commit() }),
                ("commitReservation", { try store.commitReservation(made.key) }),
                ("cancelReservation", { try store.cancelReservation(made.key) }),
                ("prepared question", { _ = try made.question() }),
                ("sum", { _ = try query.lastDays(1).sum() }),
                ("average", { _ = try query.lastDays(1).average() }),
                ("averageNonzero", { _ = try query.lastDays(1).averageNonzero() }),
                ("countNonzero", { _ = try query.lastDays(1).countNonzero() }),
                ("newest", { _ = try query.lastDays(1).newest() }),
                ("oldest", { _ = try query.lastDays(1).oldest() }),
                ("buckets", { _ = try query.lastDays(1).buckets() }),
                ("lastSeen", { _ = try query.lastSeen() }),
                ("firstSeen", { _ = try query.firstSeen() }),
                ("lifetime", { _ = try query.lifetime() }),
                ("since", { _ = try query.since("m").sum() }),
                ("since bounds", { _ = try query.since("m").bounds() }),
                ("since isComplete", { _ = try query.since("m").isComplete() }),
                ("ratio", { _ = try store.ratio(of: "a", to: "b").ever().value() }),
                ("delta", { _ = try store.delta(of: "a", minus: "b").ever().sum() }),
                ("delta average", { _ = try store.delta(of: "a", minus: "b").ever().average() }),
                ("answers", { _ = try store.answers(to: query.lifetime, query.lastSeen) }),
                ("answers of one type", { _ = try store.answers(to: [query.lifetime]) }),
                ("dailyHistory", { _ = try store.dailyHistory(of: "a") }),
                ("export", { _ = try store.export() }),
                ("export since", { _ = try store.export(since: made.knowledge) }),
                ("exportParts", { _ = try store.exportParts(maxBytes: 1_000) }),
                ("exportParts since", { _ = try store.exportParts(maxBytes: 1_000, since: made.knowledge) }),
                ("knowledge", { _ = try store.knowledge() }),
                ("merge", { try store.merge(made.export) }),
                ("replicas", { _ = try store.replicas() }),
                ("forgetReplicas", { try store.forgetReplicas([String(repeating: "0", count: 32)]) }),
                ("erase", { try store.erase("a") }),
                ("eraseEvents", { try store.eraseEvents(["a"]) }),
                ("eraseAll", { try store.eraseAll() }),
                ("acknowledgeLoss", { try store.acknowledgeLoss() }),
                ("persist", { try store.persist() }),
            ]
            for (call, make) in calls { assert(.closed, try make(), "\(call) in \(name)") }
        }
    }

    func testTheAsyncCallsThrowToo() async throws {
        for (_, made) in try closed() {
            let (store, limit) = (made.store, made.limit)
            let calls: [@Sendable () async throws -> Void] = [
                { try await store.recordNow("a") }, { _ = try await limit.checkAndRecord() },
                { _ = try await limit.reserve(for: .days(1)) }, { try await made.reservation.commit() },
                { try await store.commitReservation(made.key) }, { try await store.cancelReservation(made.key) },
                { _ = try await store.export() }, { _ = try await store.export(since: made.knowledge) },
                { _ = try await store.exportParts(maxBytes: 9) }, { _ = try await store.knowledge() },
                { try await store.merge(made.export) }, { _ = try await store.replicas() },
                { try await store.forgetReplicas([String(repeating: "0", count: 32)]) }, { try await store.erase("a") },
                { try await store.eraseEvents(["a"]) }, { try await store.eraseAll() }, { try await store.acknowledgeLoss() },
                { try await store.persist() },
            ]
            for (place, call) in calls.enumerated() {
                do {
                    try await call()
                    XCTFail("\(place)")
                } catch {
                    XCTAssertEqual((error as? EventError).map(Kind.init), .closed, "\(place)")
                }
            }
            try await store.close()
        }
    }

    func testWhatCannotThrowCountsNothingAndAllowsNothing() throws {
        for (name, made) in try closed() {
            let store = made.store
            store.record("a")
            try store.record("a", count: 2)
            try store.record("a", ago: .days(1))
            store.session()
            made.tap.record()
            try made.tap.record(count: 2)
            store.event("new").record()
            XCTAssertFalse(made.limit.isAllowed(), name)
            XCTAssertFalse(store.limit("b").isAllowed(), "\(name): also without rules")
            made.other.cancel()
            XCTAssertEqual(store.events, ["a"], name)
            XCTAssertEqual(store.reservations.map(\.key), [made.key], name)
            XCTAssertTrue(store.health.isGood, name)
            XCTAssertEqual(store.now, clock.now, name)
            XCTAssertEqual(store.tracking, .standard, name)
            XCTAssertGreaterThan(store.memoryUsage, 0, name)
            _ = store.isDirty
        }
        XCTAssertEqual(try onDisk().query("a").lifetime(), 1)
    }

    func testWhatNeedsNoCountsWorks() throws {
        for (name, made) in try closed() {
            let store = made.store
            store.setTimeZone(.tokyo)
            store.renewTimeZone()
            XCTAssertEqual(store.timeZone, .tokyo, name)
            let limit = try store.limit("b").atMost(1, within: .days(1))
            XCTAssertEqual(try limit.rehearse(history: [], asked: [clock.now]), [clock.now], name)
            XCTAssertNoThrow(try store.query("b").lastDays(1).sum.prepared(), name)
            XCTAssertEqual(store.event("b").name, "b", name)
            XCTAssertNoThrow(try store.close(), name)
        }
    }

    func testAStoreThatStaysClosedAnswersInTheSameWay() throws {
        let first = try onDisk()
        let store = try EventStore(directory: folder, clock: clock, whenUnavailable: .stayClosed)
        store.record("a")
        XCTAssertFalse(store.limit("a").isAllowed())
        assert(.closed, try store.query("a").lifetime())
        assert(.closed, try store.limit("a").checkAndRecord())
        assert(.closed, try store.persist())
        assert(.unavailable, try store.reopen())
        XCTAssertEqual(store.events, [])
        XCTAssertEqual(store.reservations, [])
        XCTAssertNoThrow(try store.close())
        try first.close()
        XCTAssertNoThrow(try store.reopen())
    }
}
