import Foundation
@testable import TinyCounter
import XCTest

/// A number that is out of bounds is an error, never a crash.
final class BadInputTests: StoreTestCase {
    func testCounts() throws {
        let store = try inMemory()
        let tap = store.event("tap")
        for count in [-1, .min, .max, 1 << 32] {
            assert(.invalidArgument, try store.record("tap", count: count))
            assert(.invalidArgument, try store.record("tap", count: count, at: clock.now))
            assert(.invalidArgument, try store.record("tap", count: count, ago: .days(1)))
            assert(.invalidArgument, try tap.record(count: count))
            assert(.invalidArgument, try store.limit("tap").atMost(count, within: .today).check())
            assert(.invalidArgument, try store.limit("tap").atLeast(count, of: "tap").reserve())
        }
        XCTAssertEqual(store.events, [])
    }

    func testInstants() throws {
        let store = try inMemory()
        for seconds in absurd {
            let date = Date(timeIntervalSince1970: seconds)
            assert(.invalidArgument, try store.record("a", at: date), "\(seconds)")
            assert(.invalidArgument, try TestClock(date), "\(seconds)")
            assert(.invalidArgument, try clock.set(date), "\(seconds)")
        }
        assert(.invalidArgument, try store.record("a", at: .distantFuture))
        assert(.invalidArgument, try store.record("a", at: .distantPast))
        assert(.invalidArgument, try store.record("a", at: clock.now + 61))
        XCTAssertNoThrow(try store.record("b", at: clock.now + 59))
        XCTAssertEqual(store.events, ["b"])
    }

    func testSpans() throws {
        let store = try inMemory()
        let limit = store.limit("a")
        for seconds in absurd {
            let span = TimeSpan.seconds(seconds)
            assert(.invalidArgument, try store.record("a", ago: span), "\(seconds)")
            assert(.invalidArgument, try store.query("a").rolling(span).sum(), "\(seconds)")
            assert(.invalidArgument, try limit.cooldown(span).check(), "\(seconds)")
            assert(.invalidArgument, try limit.within(span, of: "b").check(), "\(seconds)")
            assert(.invalidArgument, try limit.atMost(1, within: .rolling(span)).check(), "\(seconds)")
            assert(.invalidArgument, try limit.atMost(1, within: .weeks(seconds)).usage(), "\(seconds)")
            assert(.invalidArgument, try clock.advance(by: span), "\(seconds)")
        }
        assert(.invalidArgument, try store.record("a", ago: .seconds(-61)))
        assert(.invalidArgument, try limit.cooldown(.days(-1)).checkAndRecord())
        assert(.invalidArgument, try limit.cooldown(.seconds(0)).checkAndRecord())
        assert(.invalidArgument, try limit.within(.seconds(0), of: "b").checkAndRecord())
        assert(.invalidArgument, try limit.atMost(1, within: .days(0)).checkAndRecord())
        XCTAssertEqual(store.events, [])
    }

    func testUnitsAndRanges() throws {
        let store = try inMemory()
        store.record("a")
        let query = store.query("a")
        for count in [-1, Int.min] {
            assert(.invalidArgument, try query.lastDays(count).sum())
            assert(.invalidArgument, try query.days(from: count).buckets())
            assert(.invalidArgument, try query.days(count..<3).countNonzero())
            assert(.invalidArgument, try store.ratio(of: "a", to: "a").lastWeeks(count).value())
            assert(.invalidArgument, try store.delta(of: "a", minus: "a").lastYears(count).sum())
            assert(.invalidArgument, try store.limit("a").atMost(1, within: .calendar(count, .days)).check())
        }
        assert(.invalidArgument, try store.limit("a").atMost(1, within: .calendar(0, .days)).check())
        assert(.invalidArgument, try store.limit("a").atMost(1, within: .calendar(57, .days)).check(), "not tracked")
        XCTAssertEqual(try query.days(.max..<Int.max).sum(), 0)
        for buckets in [0, -1, 100_001, .max, .min] {
            assert(.invalidArgument, try inMemory(tracking: [.days: buckets]), "\(buckets)")
        }
    }

    func testHours() throws {
        let limit = try inMemory().limit("a")
        for hours in [(-1, 5), (0, 25), (9, 9), (.min, .max)] {
            let schedule = Schedule.hours(from: hours.0, to: hours.1)
            assert(.invalidArgument, try limit.during(schedule).check(), "\(hours)")
            assert(.invalidArgument, try limit.outside(schedule).check(), "\(hours)")
        }
    }

    func testNamesThatAreTooLong() throws {
        let store = try inMemory()
        let long = String(repeating: "é", count: 513)
        store.record(long)
        store.event(long).record()
        assert(.invalidArgument, try store.record(long, at: clock.now))
        assert(.invalidArgument, try store.event(long).record(count: -1))
        assert(.invalidArgument, try store.limit(long).checkAndRecord())
        XCTAssertEqual(store.events, [])
        store.record(String(repeating: "é", count: 512))
        XCTAssertEqual(store.events.count, 1)
    }

    func testAURLThatIsNotAFileURL() {
        assert(.invalidArgument, try EventStore(directory: URL(string: "https://example.org/store")!))
    }

    func testABugInTheLibraryIsAnError() {
        struct Panic: LocalizedError {
            var errorDescription: String? { "Rust panic" }
        }
        XCTAssertThrowsError(try crossing { throw Panic() }) { error in
            XCTAssertEqual(error as? EventError, .unexpected(reason: "Rust panic"))
        }
    }

    func testAnErrorNamesTheValueAndTheBounds() throws {
        XCTAssertThrowsError(try inMemory().record("a", count: -7)) { error in
            XCTAssertEqual(error.localizedDescription, "invalid count -7: use 0 to 4,294,967,295")
        }
    }

    func testAnErrorNamesTheUnitToTrack() throws {
        XCTAssertThrowsError(try inMemory().limit("a").atMost(1, within: .calendar(57, .days))) { error in
            XCTAssertTrue(error.localizedDescription.contains("track at least 57 days"), error.localizedDescription)
        }
    }

    func testAnErrorNamesItsEventAndReason() throws {
        let store = try inMemory()
        let long = String(repeating: "a", count: 1_025)
        do {
            try store.record(long, at: clock.now)
            XCTFail("recorded")
        } catch {
            XCTAssertEqual(error.event.map(long.hasPrefix), true, "the event, or its beginning")
            XCTAssertEqual(error.errorDescription, error.reason)
            XCTAssertEqual((error as any Error).localizedDescription, error.reason)
        }
    }

    func testALimitThatCanNeverBeAskedIsAnErrorWhereItIsMade() throws {
        let store = try inMemory(markers: ["m"])
        let x = store.limit("x")
        let (never, long) = (TimeSpan.seconds(-1e-9), String(repeating: "x", count: 1_025))
        let rules: [(Rule, () throws -> Limiter)] = [
            (.atMost(1, of: "x", within: .rolling(never)), { try x.atMost(1, within: .rolling(never)) }),
            (.atMost(-1, of: "y", within: .today), { try x.atMost(-1, of: "y", within: .today) }),
            (.atMost(2, of: "x", within: .days(5_000)), { try x.atMost(2, within: .days(5_000)) }),
            (.atMost(1, of: "x", within: .since("y")), { try x.atMost(1, within: .since("y")) }),
            (.atLeast(-1, of: "y"), { try x.atLeast(-1, of: "y") }),
            (.cooldown(after: "x", for: never), { try x.cooldown(never) }),
            (.cooldown(after: "y", for: never), { try x.cooldown(after: "y", for: never) }),
            (.within(never, of: "y"), { try x.within(never, of: "y") }),
            (.during(.daysOfWeek([])), { try x.during(.daysOfWeek([])) }),
            (.outside(.hours(from: 9, to: 9)), { try x.outside(.hours(from: 9, to: 9)) }),
            (.allOf(), { try x.allOf() }), (.anyOf(), { try x.anyOf() }), (.noneOf(), { try x.noneOf() }),
        ]
        for (rule, add) in rules {
            assert(.invalidArgument, try add(), "\(rule)")
            assert(.invalidArgument, try x.adding(rule), "\(rule)")
            assert(.invalidArgument, try x.atMost(1, within: .since("m")).adding(rule), "\(rule)")
            assert(.invalidArgument, try store.limit("x", Limit(rule)), "\(rule)")
        }
        for event in ["x", long] { assert(.invalidArgument, try x.alsoRecord(event)) }
        assert(.invalidArgument, try store.limit("x", Limit(alsoRecord: ["a", "a"])))
        assert(.invalidArgument, try store.limit(long, Limit()))
        assert(.invalidArgument, try store.limit(long).atMost(1, within: .today))
        assert(.invalidArgument, try store.limit(long).check())

        var full = x
        for count in 1...64 { full = try full.atLeast(count, of: "y") }
        assert(.invalidArgument, try full.atLeast(65, of: "y"), "more than 64 rules")
        let limit = try x.cooldown(.seconds(1e-9))
        XCTAssertTrue(try limit.checkAndRecord().isAllowed)
        XCTAssertEqual(try limit.check().retryAfter, 0.001)
        XCTAssertThrowsError(try x.cooldown(.seconds(0))) {
            XCTAssertEqual(($0 as? EventError)?.reason, "the duration must be greater than zero")
        }
        try store.close()
        XCTAssertEqual(try x.cooldown(.days(1)).limit.rules.count, 1, "a limit of a closed store can be made")
    }

    func testNamesThatLookAlikeAndDifferInBytesAreDifferentEvents() throws {
        let store = try inMemory()
        let names = ["caf\u{e9}", "cafe\u{301}"]
        XCTAssertEqual(names[0], names[1], "Swift compares what they look like")
        try store.record(names[0], count: 2)
        store.record(names[1])
        XCTAssertEqual(try names.map { try store.query($0).lifetime() }, [2, 1])
        XCTAssertEqual(store.events.count, 2)
    }

    func testRulesLimitsAndSetsCompareNamesByTheirBytes() throws {
        let (one, two) = ("caf\u{e9}", "cafe\u{301}")
        func rules(_ name: String) -> [Rule] {
            [
                .atMost(1, of: name, within: .today), .atLeast(1, of: name), .cooldown(after: name, for: .days(1)),
                .within(.days(1), of: name), .atMost(1, of: "a", within: .since(name)), .allOf(.atLeast(1, of: name)),
                .anyOf(.atLeast(1, of: name)), .noneOf(.atLeast(1, of: name)),
            ]
        }
        for (rule, other) in zip(rules(one), rules(two)) {
            XCTAssertNotEqual(rule, other)
            XCTAssertEqual(Set([rule, other, rule]).count, 2, "\(rule)")
            XCTAssertNotEqual(Limit(rule), Limit(other))
        }
        XCTAssertEqual(rules(one), rules(one))
        XCTAssertEqual(Set(rules(one) + rules(one)).count, rules(one).count)
        XCTAssertEqual(Set([Rule.during(.weekdays()), .outside(.weekdays()), .during(.weekdays())]).count, 2)
        XCTAssertNotEqual(Limit(alsoRecord: [one]), Limit(alsoRecord: [two]))
        XCTAssertEqual(Set([Limit(alsoRecord: [one]), Limit(alsoRecord: [two]), Limit(alsoRecord: [one])]).count, 2)

        var set = LimitSet()
        set[one] = Limit(.atLeast(1, of: "a"))
        set[two] = Limit(.atLeast(2, of: "a"))
        XCTAssertEqual(set.limits.map { Array($0.name.utf8) }, [two, one].map { Array($0.utf8) })
        let read = try LimitSet(json: set.json())
        XCTAssertEqual(read, set)
        XCTAssertEqual([read[one], read[two]], [Limit(.atLeast(1, of: "a")), Limit(.atLeast(2, of: "a"))])
        set[two] = nil
        XCTAssertNil(set[two])
        XCTAssertNotNil(set[one])
    }

    func testANumberThatIsNoNumberHasItsOwnSentence() throws {
        let store = try inMemory()
        let span = TimeSpan.seconds(.nan)
        let calls: [() throws -> Void] = [
            { _ = try store.limit("a").cooldown(span).check() },
            { _ = try store.limit("a").atMost(1, within: .rolling(span)).check() },
            { _ = try store.limit("a").reserve(for: span) },
            { _ = try store.query("a").rolling(span).sum() },
            { try store.record("a", ago: span) },
            { try self.clock.advance(by: span) },
        ]
        for (place, call) in calls.enumerated() {
            XCTAssertThrowsError(try call()) {
                XCTAssertEqual(($0 as? EventError)?.reason, "the duration is not a number", "\(place)")
            }
        }
        for call in [{ try store.record("a", at: Date(timeIntervalSince1970: .nan)) }, { try self.clock.set(Date(timeIntervalSince1970: .nan)) }] {
            XCTAssertThrowsError(try call()) {
                XCTAssertEqual(($0 as? EventError)?.reason, "the instant is not a number")
            }
        }
        XCTAssertThrowsError(try store.limit("a").cooldown(.seconds(-.infinity)).check()) {
            XCTAssertEqual(($0 as? EventError)?.reason, "the duration must be greater than zero")
        }
    }
}
