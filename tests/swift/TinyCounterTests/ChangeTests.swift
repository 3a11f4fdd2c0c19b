import Foundation
import XCTest

@testable import TinyCounter

/// Changes and values as sequences.
final class ChangeTests: StoreTestCase {
    /// Sums of an event that no time refreshes.
    private func sums(of event: String, in store: EventStore) -> ValueSequence<Int?> {
        var sums = store.values(of: store.query(event).lastDays(7).sum)
        sums.tick = never
        return sums
    }

    private let never: @Sendable () async throws -> Void = { throw CancellationError() }

    func testTheChangesOfAStoreNameItsEvents() async throws {
        let store = try inMemory()
        var changes = store.changes.makeAsyncIterator()
        store.record("launch")
        let changed = await changes.next()
        XCTAssertEqual(changed, .events(["launch"]))
        XCTAssertEqual(changed?.concerns("launch"), true)
        XCTAssertEqual(changed?.concerns(EventName("other")), false)
        store.setTimeZone(.current)
        let all = await changes.next()
        XCTAssertEqual(all, .all)
        XCTAssertEqual(all?.concerns("other"), true)
    }

    func testManyRecordingsAreFewElements() async throws {
        let store = try inMemory()
        var changes = store.changes.makeAsyncIterator()
        for _ in 0..<1_000 {
            store.record("a")
            store.record("b")
        }
        var seen: Set<String> = []
        var elements = 0
        while seen.count < 2, case .events(let names)? = await changes.next() {
            seen.formUnion(names)
            elements += 1
        }
        XCTAssertEqual(seen, ["a", "b"])
        XCTAssertLessThan(elements, 100)
    }

    func testValuesBeginWithTheCurrentOneAndFollowEachChange() async throws {
        let store = try inMemory()
        try store.record("launch", count: 2)
        var values = sums(of: "launch", in: store).makeAsyncIterator()
        var value = try await values.next()
        XCTAssertEqual(value, 2)
        store.record("other")
        store.record("launch")
        value = try await values.next()
        XCTAssertEqual(value, 3)
        try await store.eraseAll()
        value = try await values.next()
        XCTAssertEqual(value, .some(nil))
    }

    func testAFunctionIsCalledAgainAfterAChange() async throws {
        let store = try inMemory()
        let prompt = try store.limit("prompt").atMost(1, within: .days(1))
        var isAllowed = store.values { _ in try prompt.check().isAllowed }.makeAsyncIterator()
        var value = try await isAllowed.next()
        XCTAssertEqual(value, true)
        store.record("prompt")
        value = try await isAllowed.next()
        XCTAssertEqual(value, false)
    }

    func testTimeThatPassesIsNoticedWithTheNextTick() async throws {
        let store = try inMemory()
        store.record("launch")
        let ticks = AsyncStream.makeStream(of: Void.self)
        var today = store.values(of: store.query("launch").today().sum)
        today.tick = {
            var all = ticks.stream.makeAsyncIterator()
            guard await all.next() != nil else { throw CancellationError() }
        }
        var values = today.makeAsyncIterator()
        var value = try await values.next()
        XCTAssertEqual(value, 1)
        try clock.advance(by: .hours(12))
        ticks.continuation.yield()
        value = try await values.next()
        XCTAssertEqual(value, 0)
        ticks.continuation.finish()
    }

    func testASequenceAsksAgainByItself() async throws {
        let store = try inMemory()
        store.record("launch")
        let asked = Counter()
        // The shortest time is a second.
        var values = store.values(every: .seconds(-1)) { _ in asked.next() }.makeAsyncIterator()
        let (first, second) = (try await values.next(), try await values.next())
        XCTAssertEqual([first, second], [1, 2])
    }

    func testAClosedStoreEndsTheValuesWithTheErrorOfTheQuestion() async throws {
        let store = try inMemory()
        var values = sums(of: "launch", in: store).makeAsyncIterator()
        let value = try await values.next()
        XCTAssertEqual(value, .some(nil))
        try await store.close()
        do {
            _ = try await values.next()
            XCTFail("it goes on")
        } catch EventError.closed {}
        let end = try await values.next()
        XCTAssertNil(end)
    }

    func testAStoreIsWatchedWhileItIsClosedAndOpenedAgain() async throws {
        let store = try await EventStore(directory: folder, timeZone: .utc, clock: clock)
        var changes = store.changes.makeAsyncIterator()
        try await store.close()
        var changed = await changes.next()
        XCTAssertEqual(changed, .all)
        try await store.reopen()
        changed = await changes.next()
        XCTAssertEqual(changed, .all)
        store.record("a")
        changed = await changes.next()
        XCTAssertEqual(changed, .events(["a"]))
    }

    func testATaskThatIsCancelledEndsItsSequences() async throws {
        let store = try inMemory()
        let sums = sums(of: "launch", in: store)
        let (begun, began) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for try await _ in sums { began.yield() }
            for await _ in store.changes {}
            return "ended"
        }
        for await _ in begun { break }
        task.cancel()
        let end = try await task.value
        XCTAssertEqual(end, "ended")
    }

    func testManyWatchesInSuccessionLeaveRoom() async throws {
        let store = try inMemory()
        for count in 1...200 {
            var changes = store.changes.makeAsyncIterator()
            try store.record("a", count: count)
            let changed = await changes.next()
            XCTAssertEqual(changed, .events(["a"]))
        }
    }

    func testChangesCanBePutTogether() {
        let some = Changed.events(["a", "b"])
        XCTAssertEqual(some.followed(by: .events(["b", "c"])), .events(["a", "b", "c"]))
        XCTAssertEqual(some.followed(by: .events((0..<63).map { "event \($0)" })), .all)
        XCTAssertEqual(some.followed(by: .all), .all)
        XCTAssertEqual(Changed.all.followed(by: some), .all)
        XCTAssertNotEqual(some, .all)
        XCTAssertNotEqual(Changed.events(["\u{e9}"]), .events(["e\u{301}"]))
    }
}

private final class Counter: Sendable {
    private let count = Locked(0)

    func next() -> Int {
        count.with { count in
            count += 1
            return count
        }
    }
}
