import Foundation
import TinyCounter
import XCTest

/// Limits on dated events.
final class RehearsalTests: StoreTestCase {
    private let begin = instant("2026-02-01T18:00:00Z")

    private func day(_ number: Int) -> Date { begin + Double(number) * 86_400 }

    func testARehearsalShowsWhenAPromptWouldHaveBeenAllowed() throws {
        let store = try inMemory()
        let prompt = try store.limit("prompt")
            .atMost(1, within: .days(7))
            .atLeast(3, of: "launch")
            .cooldown(after: "crash", for: .days(2))
        // What is in the store does not matter.
        store.record("prompt")
        // Out of order, and one launch at the very instant that is asked.
        let history = [
            Occurrence("crash", at: day(8)), Occurrence("launch", at: day(0), count: 2),
            Occurrence("launch", at: day(1)), Occurrence("launch", at: day(90)),
        ]
        let shown = try prompt.rehearse(history: history, asked: (0..<30).reversed().map(day))
        XCTAssertEqual(shown, [1, 10, 17, 24].map(day), "over 30 days it is shown 4 times")
        XCTAssertEqual(try store.query("prompt").lifetime(), 1, "nothing is recorded")
        XCTAssertNil(try store.query("launch").lifetime())
    }

    func testARehearsalDecidesAsAStoreUnderATestClockDoes() throws {
        let limit = Limit(
            .atMost(2, of: "tip", within: .today), .atMost(9, of: "any", within: .calendar(7, .days)),
            .noneOf(.within(.hours(30), of: "crash")), alsoRecord: ["any"])
        let hour = { [begin] (number: Int) in begin + Double(number) * 3_600 }
        let crashes = [40, 100, 333]
        let asked = (0..<167).map { $0 * 3 }
        let rehearsed = try inMemory().limit("tip", limit).rehearse(
            history: crashes.map { Occurrence("crash", at: hour($0)) }, asked: asked.map(hour))

        try clock.set(begin)
        let store = try inMemory()
        let shown = try asked.filter { number in
            for crash in crashes where (number - 2...number).contains(crash) {
                try clock.set(hour(crash))
                store.record("crash")
            }
            try clock.set(hour(number))
            return try store.limit("tip", limit).checkAndRecord().isAllowed
        }
        XCTAssertEqual(rehearsed, shown.map(hour))
        XCTAssertGreaterThan(shown.count, 25)
    }

    func testTheRecordedHistoryOfAnEventCanBeRehearsed() throws {
        let store = try inMemory()
        for days in [20, 9, 9, 2, 0, 80] { try store.record("launch", ago: .days(Double(days))) }
        let ago = { (days: Int) in instant("2026-03-10T00:00:00Z") - Double(days) * 86_400 }
        let history = try store.dailyHistory(of: "launch")
        let expected = [(20, 1), (9, 2), (2, 1), (0, 1)].map { Occurrence("launch", at: ago($0.0), count: $0.1) }
        XCTAssertEqual(history, expected, "the tracked days only")
        XCTAssertEqual(try store.dailyHistory(of: "never"), [])
        let prompt = try store.limit("prompt").atLeast(2, of: "launch", within: .days(28)).atMost(1, within: .days(8))
        XCTAssertEqual(try prompt.rehearse(history: history, asked: history.map(\.date)), [9, 0].map(ago))
    }

    func testANewRuleIsTriedOnARealExport() throws {
        let store = try inMemory()
        try store.merge(fixture("export-v1.bin"))
        let launches = try store.dailyHistory(of: "app_launch")
        XCTAssertEqual(try store.query("app_launch").lastDays(56).sum(), launches.map(\.count).reduce(0, +))
        let days = launches.map(\.date)
        XCTAssertGreaterThan(days.count, 3)
        let rule = try Limit(
            json: #"{"version": 1, "all": [{"at_least": 1, "of": "app_launch", "within": {"days": 1}}, {"cooldown": "P1D", "of": "tip"}]}"#)
        XCTAssertEqual(try store.limit("tip", rule).rehearse(history: launches, asked: days), days)
        XCTAssertEqual(try store.limit("tip", rule).rehearse(history: [], asked: days), [])
    }

    func testOccurrencesOutOfBoundsAreErrors() throws {
        let store = try inMemory()
        let limit = try store.limit("x").atMost(1, within: .days(1))
        let invalid: [Occurrence] =
            [-1, .max, .min].map { Occurrence("x", at: day(0), count: $0) }
            + absurd.map { Occurrence("x", at: Date(timeIntervalSince1970: $0)) }
            + [Occurrence(String(repeating: "é", count: 513), at: day(0))]
        for occurrence in invalid {
            let text = "\(occurrence.date.timeIntervalSince1970) \(occurrence.count)"
            assert(.invalidArgument, try limit.rehearse(history: [occurrence], asked: [day(0)]), text)
        }
        for seconds in absurd {
            assert(.invalidArgument, try limit.rehearse(history: [], asked: [Date(timeIntervalSince1970: seconds)]))
        }
        // The rules of the time zone are not known.
        assert(.invalidArgument, try limit.rehearse(history: [Occurrence("x", at: day(-6 * 366))], asked: [day(0)]))
        assert(.invalidArgument, try limit.rehearse(history: [], asked: [day(3 * 366)]))
        XCTAssertEqual(try limit.rehearse(history: [], asked: []), [])
        assert(.invalidArgument, try limit.alsoRecord("x").rehearse(history: [], asked: [day(0)]))
    }
}
