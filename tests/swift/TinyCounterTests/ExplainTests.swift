import Foundation
import TinyCounter
import XCTest

/// What each rule of a limit counts and says.
final class ExplainTests: StoreTestCase {
    func testAnExplanationHasTheNumbersTheWindowAndTheWaitOfEachRule() throws {
        let store = try inMemory(TimeZone(secondsFromGMT: 7_200)!)
        try clock.advance(by: .minutes(30))
        // In the hour in which the window begins.
        try store.record("tip", count: 2, ago: .minutes(24 * 60 + 20))
        store.record("tip")
        let limit = try store.limit("secret")
            .atMost(3, of: "tip", within: .days(1))
            .atLeast(2, of: "launch", within: .calendar(7, .days))
            .anyOf(.cooldown(after: "tip", for: .hours(1)), .during(.hours(from: 8, to: 22, local: false)))
            .atMost(9, of: "tip", within: .ever)
        let reserved = try store.limit("tip").reserve()
        let explanation = try limit.explain()
        XCTAssertEqual(explanation.at, clock.now)
        XCTAssertFalse(explanation.passes)
        XCTAssertNil(explanation.retryAfter, "launch does not happen by itself")
        XCTAssertNil(explanation.retryAt)
        XCTAssertEqual(explanation.rules.map(\.rule), limit.limit.rules)

        let (tips, launches, group, ever) = (explanation.rules[0], explanation.rules[1], explanation.rules[2], explanation.rules[3])
        XCTAssertEqual(tips.counted, 1...3)
        XCTAssertEqual(tips.reserved, 1)
        XCTAssertFalse(tips.passes || tips.afterLoss)
        XCTAssertEqual(try XCTUnwrap(tips.since).timeIntervalSince(clock.now), -86_400 + 0.001, accuracy: 0.0001)
        XCTAssertGreaterThan(try XCTUnwrap(tips.changesAfter), 0)
        XCTAssertEqual(launches.counted, 0...0)
        XCTAssertFalse(launches.passes)
        XCTAssertNil(launches.changesAfter)
        XCTAssertEqual(launches.since, instant("2026-03-04T00:00:00+02:00"))
        XCTAssertTrue(group.passes)
        XCTAssertNil(group.counted)
        XCTAssertEqual(group.rule, .anyOf(group.rules.map(\.rule)))
        XCTAssertEqual(group.rules.map(\.passes), [false, true])
        XCTAssertEqual(group.rules[1].changesAfter, 9.5 * 3_600)
        XCTAssertEqual(ever.counted, 3...3)
        XCTAssertNil(ever.since)

        let table = "\(explanation)"
        XCTAssertTrue(table.hasPrefix("2026-03-10 14:30:00 +02:00: the limit refuses"), table)
        let row = "| no | tip | at most 3 in the last 1 day | 1 to 3 + 1 reserved | 2026-03-09 14:30:00 +02:00 |"
        XCTAssertTrue(table.contains(row), table)
        XCTAssertTrue(table.contains("| > not within 1 hour after the event |"), table)
        XCTAssertFalse(table.contains("secret"), table)
        withExtendedLifetime(reserved) {}
    }

    func testAnExplanationAgreesWithTheDecision() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(1, within: .hours(9)).during(.hours(from: 8, to: 20))
        let allowed = try tip.explain()
        XCTAssertTrue(allowed.passes)
        XCTAssertEqual(allowed.retryAfter, 0)
        XCTAssertEqual(allowed.retryAt, clock.now)
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        let refused = try tip.check()
        let explanation = try tip.explain()
        XCTAssertEqual(explanation.retryAfter, refused.retryAfter)
        XCTAssertEqual(explanation.retryAt, refused.retryAt)
        XCTAssertEqual(explanation.rules.map(\.passes), [false, true])
        XCTAssertEqual(try tip.explain(), explanation)
        XCTAssertEqual(try store.query("tip").lifetime(), 1, "nothing is recorded")
    }

    func testTheTextNamesNoOtherEvents() throws {
        let store = try inMemory(markers: ["prompt", "unused marker"])
        for event in ["launch", "other stored", "also recorded", "unused marker", "prompt", "launch"] { store.record(event) }
        let tip = try store.limit("asked").atLeast(3, of: "launch", within: .since("prompt")).alsoRecord("also recorded")
        let explanation = try tip.explain()
        let text = explanation.description
        XCTAssertTrue(text.contains("| no | launch | at least 3 since the marker prompt | 1 |"), text)
        XCTAssertEqual(explanation.rules.map(\.counted), [1...1])
        XCTAssertEqual(explanation.rules.map(\.since), [clock.now])
        for name in ["asked", "other stored", "also recorded", "unused marker"] { XCTAssertFalse(text.contains(name), text) }
    }

    func testAnInvalidLimitHasNoExplanationNorHasOneOfAClosedStore() throws {
        let store = try onDisk()
        assert(.invalidArgument, try store.limit("x").cooldown(.seconds(0)).explain())
        let limit = try store.limit("x").cooldown(.hours(1))
        try store.close()
        assert(.closed, try limit.explain())
    }
}
