import Foundation
import TinyCounter
import XCTest

extension EventID where Self == EventName {
    fileprivate static var launch: EventName { "app_launch" }
    fileprivate static var crash: EventName { EventName("crash") }
}

/// Names with a leading dot, and short forms.
final class EventNameTests: StoreTestCase {
    func testNamesWithALeadingDotAreTheEventsOfTheirTexts() throws {
        let store = try inMemory()
        store.record(.launch)
        try store.record(.launch, count: 2)
        store.event(.launch).record()
        XCTAssertEqual(try store.query("app_launch").today().sum(), 4)
        XCTAssertEqual(try store.query([.launch, .crash] as [EventName]).lifetime(), 4)
        let tip = try store.limit("tip").atLeast(2, of: .launch).cooldown(after: .crash, for: .days(2))
        XCTAssertTrue(tip.isAllowed())
        store.record(.crash)
        XCTAssertFalse(tip.isAllowed())
        XCTAssertEqual(try store.ratio(of: .crash, to: .launch).today().value(), 0.25)
        XCTAssertEqual(tip.limit, Limit(.atLeast(2, of: .launch), .cooldown(after: .crash, for: .days(2))))
    }

    func testNamesAreComparedByteByByte() {
        let names: Set<EventName> = ["\u{e9}", "e\u{301}", EventName("\u{e9}")]
        XCTAssertEqual(names.count, 2)
        XCTAssertEqual(Set(names.map(\.description.utf8.count)), [2, 3])
        XCTAssertTrue("a" as EventName == EventName("a"))
        XCTAssertFalse("\u{e9}" as EventName == EventName("e\u{301}"))
    }

    func testCalendarWordsAreTheCurrentUnits() throws {
        let store = try inMemory()
        for ago in [0, 1, 3, 12, 100, 400] { try store.record("tap", ago: .days(Double(ago))) }
        let tap = store.query("tap")
        XCTAssertEqual(try [tap.today(), tap.thisWeek(), tap.thisMonth(), tap.thisYear()].map { try $0.sum() }, [1, 2, 3, 4])
        XCTAssertEqual(try tap.range(.days, 1..<13).sum(), 3)
        XCTAssertEqual(try tap.range(.years, from: 1).sum(), 2)
        XCTAssertThrowsError(try tap.range(.days, from: -1).sum())
    }

    func testBucketsHaveTheirDatesOldestFirstForAChart() throws {
        let store = try inMemory()
        try store.record("tap", count: 3)
        try store.record("tap", ago: .days(2))
        let days = [
            DatedCount(date: CalendarDate(2026, 3, 8), count: 1), DatedCount(date: CalendarDate(2026, 3, 9), count: 0),
            DatedCount(date: CalendarDate(2026, 3, 10), count: 3),
        ]
        XCTAssertEqual(try store.query("tap").lastDays(3).bucketsByDate(), days)
        XCTAssertEqual(try store.query("tap").lastDays(3).bucketsByDate.prepared()(), days)
        XCTAssertEqual(try store.answers(to: [store.query("tap").lastDays(3).bucketsByDate]), [days])
        XCTAssertEqual(try store.query("tap").lastHours(3).bucketsByDate(), [])
        XCTAssertEqual(try store.query("never").lastDays(3).bucketsByDate(), [])
        XCTAssertEqual(days[2].date.start(in: .utc), instant("2026-03-10T00:00:00Z"))
        XCTAssertEqual("\(DatedCount(date: CalendarDate(2026, 3, 8), count: 1))", "2026-03-08: 1")
        XCTAssertEqual("\(CalendarDate(12, 12, 31))", "0012-12-31")
        XCTAssertNil(CalendarDate(2026, 2, 30).start(in: .utc))
    }

    func testLimitsAreAddedUp() throws {
        let calm = Limit(.cooldown(after: "crash", for: .days(2)), alsoRecord: ["any_message"])
        let rare = Limit(.atMost(1, of: "tip", within: .days(7)), alsoRecord: ["any_message", "tips"])
        let both = calm.adding(rare).adding(.outside(.hours(from: 22, to: 6)))
        XCTAssertEqual(both.rules.count, 3)
        XCTAssertEqual(both.alsoRecord, ["any_message", "tips"])
        XCTAssertEqual(Array(both.rules.prefix(2)), calm.rules + rare.rules)
        let store = try inMemory()
        XCTAssertTrue(try store.limit("tip", both).checkAndRecord().isAllowed)
        XCTAssertEqual(try store.query("tips").today().sum(), 1)
    }
}
