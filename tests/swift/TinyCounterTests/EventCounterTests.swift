import Foundation
import TinyCounter
import XCTest

/// A store behind the protocol that an app can replace in tests.
final class EventCounterTests: StoreTestCase {
    /// What an app would write.
    private struct Prompt {
        let counts: any EventCounter

        func opened() { counts.record("launch") }

        func mayShow() throws -> Bool { try counts.limit("prompt").atLeast(3, of: "launch", within: .days(7)).isAllowed() }
    }

    /// It notes recordings and passes everything else on.
    private final class Recorded: EventCounter, @unchecked Sendable {
        private let store: EventStore
        private(set) var names: [String] = []

        init(_ store: EventStore) { self.store = store }

        var now: Date { store.now }
        func record(_ event: some EventID) { names.append(event.eventName) }
        func record(_ event: some EventID, count: Int) throws(EventError) { try store.record(event, count: count) }
        func record(_ event: some EventID, count: Int, at date: Date) throws(EventError) {
            try store.record(event, count: count, at: date)
        }
        func record(_ event: some EventID, count: Int, ago span: TimeSpan) throws(EventError) {
            try store.record(event, count: count, ago: span)
        }
        func session() { store.session() }
        func appVersion(_ text: String) throws(EventError) -> Bool { try store.appVersion(text) }
        func query(_ event: some EventID) -> EventQuery { store.query(event) }
        func query(_ events: [some EventID]) -> EventQuery { store.query(events) }
        func ratio(of numerator: some EventID, to denominator: some EventID) -> RatioQuery {
            store.ratio(of: numerator, to: denominator)
        }
        func delta(of positive: some EventID, minus negative: some EventID) -> DeltaQuery {
            store.delta(of: positive, minus: negative)
        }
        func limit(_ event: some EventID) -> Limiter { store.limit(event) }
        func limit(_ event: some EventID, _ limit: Limit) throws(EventError) -> Limiter { try store.limit(event, limit) }
    }

    func testAnAppRunsOnAStoreAndOnWhatTakesItsPlace() throws {
        let store = try inMemory()
        let recorded = Recorded(store)
        let (real, replaced) = (Prompt(counts: store), Prompt(counts: recorded))
        for _ in 0..<3 { real.opened() }
        XCTAssertTrue(try real.mayShow())
        replaced.opened()
        XCTAssertEqual(recorded.names, ["launch"])
        XCTAssertEqual(try store.query("launch").lifetime(), 3)  // it is not counted
        try clock.advance(by: .days(8))
        XCTAssertFalse(try replaced.mayShow())
    }

    func testEveryCallPassesThroughTheProtocol() throws {
        let counts: any EventCounter = try inMemory()
        XCTAssertEqual(counts.now, clock.now)
        try counts.record("a", count: 2)
        try counts.record("a", at: clock.now - 86_400)
        try counts.record("a", count: 2, at: clock.now - 86_400)
        try counts.record("a", ago: .days(2))
        counts.record("home")
        counts.session()
        XCTAssertTrue(try counts.appVersion("1"))
        XCTAssertEqual(try counts.query("a").lastDays(3).buckets(), [2, 3, 1])
        XCTAssertEqual(try counts.query(["a", "home"]).lifetime(), 7)
        XCTAssertEqual(try counts.ratio(of: "a", to: "home").lastDays(7).value(), 6)
        XCTAssertEqual(try counts.delta(of: "a", minus: "home").lastDays(7).sum(), 5)
        XCTAssertFalse(try counts.limit("a", Limit(.atMost(6, of: "a", within: .days(7)))).isAllowed())
    }

    func testATestMakesTheValuesThatItsStoreReturns() throws {
        let loss = Health.Loss(event: "launch", noticed: clock.now)
        XCTAssertTrue(Health().isGood)
        XCTAssertFalse(Health(losses: [loss]).isGood)
        let refusal = Refusal(rule: .cooldown(after: "crash", for: .days(2)), retryAfter: 60, description: "text")
        let decision = Decision.refused(Refused(refusals: [refusal], retryAfter: 60, retryAt: clock.now + 60))
        XCTAssertEqual(decision.refusals, [refusal])
        XCTAssertEqual(decision.retryAt, clock.now + 60)
        XCTAssertEqual(decision.description, "refused: text")
        let rule = ExplainedRule(rule: refusal.rule, passes: false, counted: 0...1)
        XCTAssertEqual(Explanation(at: clock.now, passes: false, rules: [rule]).rules.first?.counted, 0...1)
        XCTAssertEqual(LimitUsage(count: 1, limit: 3, remaining: 2), LimitUsage(count: 1, limit: 3, remaining: 2))
        XCTAssertEqual(StoredReservation(key: 7, event: "ad", expiresIn: 60).event, "ad")
        XCTAssertEqual(MergeReport(eventsChanged: 2).eventsChanged, 2)
        XCTAssertTrue(Replica(id: "00", isOwn: true).isOwn)
    }
}
