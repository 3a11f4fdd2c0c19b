import Foundation
import TinyCounter
import XCTest

final class PromptTests: XCTestCase {
    func testThePromptWaitsForTwoDaysAfterACrash() throws {
        let clock = try TestClock(Date(timeIntervalSince1970: 1_773_230_400))
        let store = try EventStore.inMemory(timeZone: XCTUnwrap(TimeZone(identifier: "UTC")), clock: clock)
        let prompt = try store.limit("review_prompt")
            .atMost(1, within: .days(120))
            .cooldown(after: "crash", for: .days(2))

        store.record("crash")
        let refused = try prompt.checkAndRecord()
        XCTAssertEqual(refused.refusals.count, 1)
        XCTAssertEqual(refused.retryAfter, 2 * 86_400)

        try clock.advance(by: .days(2))
        XCTAssertTrue(try prompt.checkAndRecord().isAllowed)
        XCTAssertFalse(try prompt.checkAndRecord().isAllowed, "once in 120 days")
    }
}
