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

    func testRefusedReservationsSayWhenTheLimitPasses() throws {
        let tip = try inMemory().limit("tip").atMost(1, within: .days(1))
        guard case .reserved = try tip.reserve(for: .minutes(30)) else { return XCTFail("refused") }
        let (first, second) = (try tip.reserve(), try tip.reserve(for: .hours(1)))
        XCTAssertEqual([first.retryAfter, second.retryAfter], [1_800, 1_800])
        XCTAssertEqual([first.retryAt, second.retryAt], Array(repeating: instant("2026-03-10T12:30:00Z"), count: 2))
    }
}
