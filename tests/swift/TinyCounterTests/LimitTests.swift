import TinyCounter
import XCTest

final class LimitTests: StoreTestCase {
    func testALimitAllowsAndThenRefuses() throws {
        let store = try inMemory()
        let review = try store.limit("review_prompt")
            .atMost(1, within: .days(7))
            .atLeast(3, of: "launch")
            .cooldown(after: "crash", for: .days(2))

        let early = try review.checkAndRecord()
        XCTAssertEqual(early.refusals.map(\.rule), [.atLeast(event: "launch", count: 3, window: .ever)])
        XCTAssertEqual(early.refusals.first?.count, 0)
        XCTAssertNil(early.refusals.first?.retryAfter, "waiting does not launch the app")
        XCTAssertNil(early.retryAfter)

        try store.record("launch", count: 3)
        XCTAssertEqual(try review.check(), .allowed)
        XCTAssertEqual(try review.checkAndRecord(), .allowed)
        store.record("crash")
        try clock.advance(by: .hours(1))

        let late = try review.checkAndRecord()
        XCTAssertEqual(late.retryAfter, 601_200)
        XCTAssertTrue(late.description.hasPrefix("refused: at most 1"), "\(late)")
        XCTAssertFalse(review.isAllowed())
        let refusals = late.refusals
        XCTAssertEqual(
            refusals.map(\.rule),
            [
                .atMost(event: "review_prompt", limit: 1, window: .rolling(.days(7))),
                .cooldown(event: "crash", span: .days(2)),
            ])
        XCTAssertEqual(refusals.first?.count, 1)
        XCTAssertEqual(refusals.compactMap(\.retryAfter), [601_200, 169_200])
        XCTAssertTrue(try XCTUnwrap(refusals.first).description.contains("1 counted"))

        try clock.advance(by: .seconds(7 * 86_400 - 3_600))
        XCTAssertEqual(try review.check().retryAfter, 0)
        XCTAssertTrue(review.isAllowed())
    }

    func testCalendarWindows() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(2, within: .today)
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        XCTAssertEqual(try tip.checkAndRecord().refusals.first?.retryAfter, 12 * 3_600)
        XCTAssertEqual(try tip.usage(), try store.limit("tip").atMost(2, within: .thisWeek).usage())
        XCTAssertEqual(try tip.usage()?.remaining, 0)
        try clock.advance(by: .hours(12))
        XCTAssertTrue(try tip.check().isAllowed)
        XCTAssertFalse(try store.limit("tip").atMost(2, within: .calendar(2, .days)).check().isAllowed)
    }

    func testUsage() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(3, within: .today).atMost(10, within: .ever)
        XCTAssertNil(try tip.usage())
        store.record("tip")
        let usage = try XCTUnwrap(try tip.usage())
        XCTAssertEqual([usage.count, usage.limit, usage.remaining], [1, 3, 2])
        for event in ["tip", "never recorded"] {
            assert(.invalidArgument, try store.limit(event).cooldown(.days(1)).atMost(1, of: "other", within: .today).usage())
        }
    }

    func testWithinAndSchedules() throws {
        let store = try inMemory()
        let offer = try store.limit("offer").within(.minutes(5), of: "login")
        XCTAssertFalse(try offer.check().isAllowed)
        store.record("login")
        XCTAssertTrue(try offer.check().isAllowed)
        // It is Tuesday, noon.
        XCTAssertTrue(try offer.during(.hours(from: 9, to: 17)).during(.weekdays()).check().isAllowed)
        XCTAssertTrue(try offer.outside(.hours(from: 22, to: 6)).outside(.weekends(local: false)).check().isAllowed)
        let night = try offer.during(.hours(from: 22, to: 6)).check()
        XCTAssertEqual(night.refusals.compactMap(\.retryAfter), [36_000])
        XCTAssertNil(night.refusals.first?.count)
    }

    func testRulesAreData() throws {
        let store = try inMemory()
        let rules: [Rule] = [.cooldown(event: "tip", span: .minutes(1)), .atMost(event: "tip", limit: 9, window: .today)]
        let tip = try store.limit("tip", Limit(rules: rules))
        XCTAssertEqual(tip.limit, try store.limit("tip").cooldown(.minutes(1)).atMost(9, within: .today).limit)
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        XCTAssertEqual(try tip.check().refusals.map(\.rule), [rules[0]])
    }

    func testALimitOfAClosedStoreIsClosed() throws {
        let store = try onDisk()
        let used = try store.limit("tip").atMost(1, within: .today)
        XCTAssertTrue(used.isAllowed())
        let unused = try used.cooldown(.days(1))
        try store.close()
        for limit in [used, unused] {
            assert(.closed, try limit.check())
            assert(.closed, try limit.reserve(for: .hours(1)))
            XCTAssertFalse(limit.isAllowed())
        }
    }

    func testARuleThatIsAddedToAUsedLimitIsAsked() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(9, within: .today)
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        let copy = tip
        XCTAssertFalse(try tip.cooldown(.days(1)).isAllowed())
        XCTAssertThrowsError(try tip.alsoRecord("tip"))
        XCTAssertTrue(copy.isAllowed())
    }

    func testAReservationIsCommittedOrCancelled() throws {
        let store = try inMemory()
        let ad = try store.limit("ad").atMost(1, within: .today)

        guard case .reserved(let first) = try ad.reserve() else { return XCTFail("refused") }
        guard case .refused(let refused) = try ad.reserve() else { return XCTFail("reserved twice") }
        XCTAssertEqual(refused.refusals.map(\.rule), [.atMost(event: "ad", limit: 1, window: .today)])
        XCTAssertEqual(try ad.reserve().refusals, refused.refusals)
        XCTAssertNil(try ad.reserve().retryAfter, "the reservation has no end")
        first.cancel()
        first.cancel()
        XCTAssertEqual(try store.query("ad").lifetime(), 0)
        assert(.invalidArgument, try first.commit())

        guard case .reserved(let second) = try ad.reserve() else { return XCTFail("refused") }
        try second.commit()
        second.cancel()
        XCTAssertEqual(try store.query("ad").lifetime(), 1)
        XCTAssertFalse(try ad.check().isAllowed)
        XCTAssertEqual(try ad.reserve().retryAfter, 12 * 3_600)
    }

    func testDurationsAreRoundedToTheNearestMillisecond() throws {
        let store = try inMemory()
        store.record("tip")
        let cooldown = { try store.limit("tip").cooldown(.seconds($0)) }
        XCTAssertEqual(try cooldown(0.0005).check().retryAfter, 0.001)
        XCTAssertEqual(try cooldown(0.0015).check().retryAfter, 0.002)
        XCTAssertEqual(try cooldown(1e-9).check().retryAfter, 0.001, "not zero")
        assert(.invalidArgument, try cooldown(-1e-9).check())
    }

    func testAReleasedReservationIsCancelled() throws {
        let store = try inMemory()
        let ad = try store.limit("ad").atMost(1, within: .today)
        do {
            let reservation = try ad.reserve()
            XCTAssertFalse(try ad.check().isAllowed)
            withExtendedLifetime(reservation) {}
        }
        XCTAssertTrue(try ad.check().isAllowed)
    }

    func testADecisionIsWrittenWhenItReturns() throws {
        let store = try onDisk()
        XCTAssertTrue(try store.limit("tip").atMost(1, within: .ever).checkAndRecord().isAllowed)
        let copy = folder.appendingPathExtension("copy")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: folder, to: copy)
        let seen = try EventStore(directory: copy, clock: clock)
        XCTAssertFalse(try seen.limit("tip").atMost(1, within: .ever).check().isAllowed)
    }

    func testAPreparedLimitIsAskedBy8ThreadsAtOnce() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(5, within: .days(1))
        let start = DispatchSemaphore(value: 0), done = DispatchGroup()
        for _ in 0..<8 {
            done.enter()
            Thread.detachNewThread {
                start.wait()
                for _ in 0..<50 {
                    let isAllowed = (try? tip.checkAndRecord().isAllowed) ?? false
                    if isAllowed { store.record("shown") }
                    // A decision never goes back.
                    if isAllowed || !tip.isAllowed() { store.record("consistent") }
                }
                done.leave()
            }
        }
        for _ in 0..<8 { start.signal() }
        done.wait()
        XCTAssertEqual(try ["tip", "shown", "consistent"].map { try store.query($0).lifetime() }, [5, 5, 400])
    }
}
