import Foundation
import TinyCounter
import XCTest

final class QueryTests: StoreTestCase {
    /// Today 4, yesterday nothing, the day before 2.
    private func filled() throws -> EventStore {
        let store = try inMemory()
        try store.record("visit", count: 4)
        try store.record("visit", count: 2, at: clock.now - 2 * 86_400)
        try store.record("purchase", count: 3)
        return store
    }

    func testMeasuresOfARange() throws {
        let week = try filled().query("visit").lastDays(4)
        XCTAssertEqual(try week.sum(), 6)
        XCTAssertEqual(try week.average(), 1.5)
        XCTAssertEqual(try week.averageNonzero(), 3)
        XCTAssertEqual(try week.countNonzero(), 2)
        XCTAssertEqual(try week.newest(), 0)
        XCTAssertEqual(try week.oldest(), 2)
        XCTAssertEqual(try week.buckets(), [4, 0, 2, 0])
    }

    func testBoundsSayWhetherEveryCountOfARangeIsKnown() throws {
        let store = try inMemory(tracking: [.days: 3])
        try store.record("visit", count: 1)
        try clock.advance(by: .days(30))
        try store.record("visit", count: 2)
        let days = store.query("visit").lastDays(3)
        XCTAssertEqual(try days.bounds(), 2...2)
        XCTAssertTrue(try days.isComplete())
        let month = store.query("visit").lastDays(40)
        XCTAssertEqual(try month.sum(), 2)  // it reaches less far than asked
        XCTAssertEqual(try month.bounds(), 3...3)
        XCTAssertFalse(try month.isComplete())
        XCTAssertNil(try store.query("never").lastDays(3).bounds())
        XCTAssertFalse(try store.query("never").lastDays(3).isComplete())
    }

    func testRanges() throws {
        let visits = try filled().query("visit")
        XCTAssertEqual(try visits.lastMinutes(1).sum(), 4)
        XCTAssertEqual(try visits.lastHours(49).sum(), 6)
        XCTAssertEqual(try visits.lastDays(0).sum(), 0)
        XCTAssertEqual(try visits.lastWeeks(1).sum(), 4)
        XCTAssertEqual(try visits.lastMonths(1).sum(), 6)
        XCTAssertEqual(try visits.lastYears(1).sum(), 6)
        XCTAssertEqual(try visits.ever().sum(), 6)
        XCTAssertEqual(try visits.days(1..<3).buckets(), [0, 2])
        XCTAssertEqual(try visits.days(from: 1).sum(), 2)
        XCTAssertEqual(try visits.rolling(.hours(1)).sum(), 4)
        XCTAssertEqual(try visits.over(.units(.hours, 48..<49)).sum(), 2)
        XCTAssertEqual(try visits.lastDays(.max).sum(), 6)
        XCTAssertNil(try visits.lastSeconds(5).sum(), "not tracked")
        XCTAssertEqual(try visits.lastSeconds(5).buckets(), [])
    }

    func testHowLongAgo() throws {
        let store = try filled()
        try clock.advance(by: .seconds(1.5))
        XCTAssertEqual(try store.query("visit").lastSeen(), 1.5)
        XCTAssertEqual(try store.query("visit").lastDate(), clock.now - 1.5)
        XCTAssertEqual(try store.query("visit").firstDate.prepared()(), try store.query("visit").firstDate())
        XCTAssertNil(try store.query("never").firstDate())
        XCTAssertEqual(try store.query("visit").firstSeen(), 2 * 86_400 + 1.5)
        XCTAssertNil(try store.query("never").lastSeen())
        XCTAssertNil(try store.query("never").lifetime())
    }

    func testSeveralEvents() throws {
        let store = try filled()
        XCTAssertEqual(try store.query(["visit", "purchase"]).lastDays(1).sum(), 7)
        XCTAssertEqual(try store.ratio(of: "purchase", to: "visit").lastDays(1).value(), 0.75)
        XCTAssertNil(try store.ratio(of: "purchase", to: "never").lastDays(1).value())
        XCTAssertEqual(try store.delta(of: "purchase", minus: "visit").lastDays(1).sum(), -1)
        XCTAssertEqual(try store.delta(of: "purchase", minus: "visit").lastDays(3).average(), -1)
        XCTAssertEqual(try store.delta(of: "visit", minus: "never").ever().sum(), 6)
    }

    func testManyQuestionsAtOneInstant() throws {
        let store = try filled()
        let visits = store.query("visit")
        let (today, days, seen, share) = try store.answers(
            to: visits.lastDays(1).sum, visits.lastDays(3).buckets, visits.lastSeen,
            store.ratio(of: "purchase", to: "visit").lastDays(1).value
        )
        XCTAssertEqual(today, 4)
        XCTAssertEqual(days, [4, 0, 2])
        XCTAssertEqual(seen, 0)
        XCTAssertEqual(share, 0.75)
        let totals = try store.answers(to: ["visit", "purchase", "never"].map { store.query($0).lifetime })
        XCTAssertEqual(totals, [6, 3, nil])
        XCTAssertEqual(try store.answers(to: [Question<Int?>]()), [])
    }

    func testAPreparedQuestionIsAskedAgainAndAgain() throws {
        let empty = try inMemory()
        let unknown = try empty.query("visit").lastDays(7).sum.prepared()
        XCTAssertNil(try unknown())
        empty.record("visit")
        XCTAssertEqual(try unknown(), 1)

        let store = try filled()
        let visits = store.query("visit")
        let week: PreparedQuestion<Int?> = try store.query(["visit", "purchase"]).lastDays(7).sum.prepared()
        let (seen, buckets) = (try visits.lastSeen.prepared(), try visits.lastDays(2).buckets.prepared())
        let share = try store.ratio(of: "purchase", to: "visit").lastDays(1).value.prepared()
        let difference = try store.delta(of: "purchase", minus: "visit").lastDays(1).sum.prepared()
        XCTAssertEqual(try week(), 9)
        XCTAssertEqual(try seen(), 0)
        XCTAssertEqual(try buckets(), [4, 0])
        XCTAssertEqual(try share(), 0.75)
        XCTAssertEqual(try difference(), -1)
        try clock.advance(by: .days(1))
        XCTAssertEqual(try buckets(), [0, 4])

        let answers = try store.query("purchase").lifetime.prepared()
        DispatchQueue.concurrentPerform(iterations: 100) { _ in XCTAssertEqual(try? answers(), 3, "from any thread") }

        assert(.invalidArgument, try visits.lastDays(-1).sum.prepared())
        assert(.invalidArgument, try store.query(String(repeating: "é", count: 513)).lifetime.prepared())
        let stored = try onDisk()
        let question = try stored.query("visit").lifetime.prepared()
        try stored.close()
        assert(.closed, try question())
    }
}
