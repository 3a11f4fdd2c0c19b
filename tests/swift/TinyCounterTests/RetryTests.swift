import TinyCounter
import XCTest

/// When the whole limit passes.
final class RetryTests: StoreTestCase {
    func testALimitPassesWhenAllOfItsRulesPassTogether() throws {
        try clock.advance(by: .hours(1))
        let tip = try inMemory().limit("tip").atMost(1, within: .hours(10)).during(.hours(from: 8, to: 22))
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        try clock.advance(by: .hours(7))
        // It is 20:00. The first rule passes at 23:00, when the schedule refuses until 8:00.
        guard case .refused(let refused) = try tip.check() else { return XCTFail("allowed") }
        XCTAssertEqual(refused.refusals.map(\.retryAfter), [10_800])
        XCTAssertEqual(refused.retryAfter, 12 * 3_600)
        XCTAssertEqual(refused.retryAt, instant("2026-03-11T08:00:00Z"))
        XCTAssertEqual(try tip.check().retryAt, refused.retryAt)
        try clock.advance(by: .seconds(12 * 3_600 - 0.001))
        XCTAssertFalse(tip.isAllowed())
        try clock.set(XCTUnwrap(refused.retryAt))
        XCTAssertTrue(tip.isAllowed())
        XCTAssertEqual(try tip.check().retryAfter, 0)
        XCTAssertNil(try tip.check().retryAt)
    }

    func testRulesThatNeverPassTogetherHaveNoWait() throws {
        let store = try inMemory()
        let offer = try store.limit("offer").cooldown(after: "crash", for: .hours(30)).within(.hours(24), of: "purchase")
        store.record("crash")
        store.record("purchase")
        try clock.advance(by: .hours(1))
        let decision = try offer.check()
        XCTAssertEqual(decision.refusals.map(\.retryAfter), [104_400])
        XCTAssertNil(decision.retryAfter)
        XCTAssertNil(decision.retryAt)
    }

    func testAWaitFollowsTheLocalClockThroughAChange() throws {
        // Berlin goes from 2:00 to 3:00 in the night to March 29, and from 3:00 to 2:00 in the night to October 25.
        let nights = [("2026-03-28T22:00:00Z", 7.0), ("2026-10-24T21:00:00Z", 9.0), ("2026-06-10T21:00:00Z", 8.0)]
        for (evening, hours) in nights {
            try clock.set(instant(evening))
            let store = try inMemory(.berlin)
            let prompt = try store.limit("prompt").cooldown(.hours(1))
                .outside(.daily(from: TimeOfDay(22, 30), to: TimeOfDay(7)))
            store.record("prompt")
            let decision = try prompt.check()
            XCTAssertEqual(decision.retryAfter, hours * 3_600, "from 23:00 to 7:00 after \(evening)")
            XCTAssertEqual(try prompt.explain().retryAt, decision.retryAt)
            try clock.advance(by: .seconds(hours * 3_600 - 0.001))
            XCTAssertFalse(prompt.isAllowed(), evening)
            try clock.advance(by: .seconds(0.001))
            XCTAssertTrue(prompt.isAllowed(), evening)
        }
    }

    func testAWaitIncludesWhatAnotherDeviceCounted() throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        let tip = try phone.limit("tip").atMost(2, within: .hours(10)).cooldown(.hours(4)).during(.hours(from: 8, to: 22))
        phone.record("tip")
        try clock.advance(by: .hours(3))
        tablet.record("tip")
        XCTAssertEqual(try tip.check().retryAfter, 3_600, "the phone has not heard of it")
        try phone.merge(tablet.export())
        let decision = try tip.check()
        XCTAssertEqual(decision.refusals.map(\.rule), Array(tip.limit.rules.prefix(2)))
        // It is 15:00. The phone's tip leaves the window at 22:00, when the schedule refuses until 8:00.
        XCTAssertEqual(decision.retryAt, instant("2026-03-11T08:00:00Z"))
        try clock.advance(by: .seconds(17 * 3_600 - 0.001))
        XCTAssertFalse(tip.isAllowed())
        try clock.advance(by: .seconds(0.001))
        XCTAssertTrue(tip.isAllowed())
    }

    func testRefusedReservationsSayWhenTheLimitPasses() throws {
        let tip = try inMemory().limit("tip").atMost(1, within: .days(1))
        guard case .reserved = try tip.reserve(for: .minutes(30)) else { return XCTFail("refused") }
        let (first, second) = (try tip.reserve(), try tip.reserve(for: .hours(1)))
        XCTAssertEqual([first.retryAfter, second.retryAfter], [1_800, 1_800])
        XCTAssertEqual([first.retryAt, second.retryAt], Array(repeating: instant("2026-03-10T12:30:00Z"), count: 2))
    }
}
