import Foundation
import TinyCounter
import XCTest

/// Windows since a marker, sessions and versions of the app.
final class SinceTests: StoreTestCase {
    func testTheCountSinceAMarkerIsExact() throws {
        let store = try inMemory(markers: ["m"])
        let sum = store.query("tap").since("m").sum
        XCTAssertNil(try sum(), "not known")
        try store.record("tap", count: 4)
        XCTAssertEqual(try sum(), 4, "all time if the marker never happened")
        store.record("m")
        XCTAssertEqual(try sum(), 0, "strictly after the marker, at the same instant")
        try store.record("tap", count: 2)
        try store.record("scroll", count: 3)
        XCTAssertEqual(try sum(), 2)
        XCTAssertEqual(try store.event("tap").query.since("m").sum(), 2)
        XCTAssertEqual(try store.query(["tap", "scroll"]).since("m").sum(), 5)
        try clock.advance(by: .days(400))
        XCTAssertEqual(try sum(), 2, "no bucket is as exact")
        let (since, ever) = try store.answers(to: sum, store.query("tap").lifetime)
        XCTAssertEqual([since, ever], [2, 6])
    }

    func testWhatAnotherDeviceCountedSinceAMarkerIsBounded() throws {
        let (store, other) = (try inMemory(markers: ["m"]), try inMemory(markers: ["m"]))
        let taps = store.query("tap").since("m")
        XCTAssertNil(try taps.bounds())
        XCTAssertFalse(try taps.isComplete())
        store.record("m")
        store.record("tap")
        XCTAssertEqual(try taps.bounds(), 1...1)
        XCTAssertTrue(try taps.isComplete())
        try other.record("tap", count: 5)
        try store.merge(try other.export())
        XCTAssertEqual(try taps.bounds(), 1...6)
        XCTAssertFalse(try taps.isComplete())
        XCTAssertEqual(try taps.sum(), 6)
        let prepared = try taps.bounds.prepared()
        store.record("tap")
        XCTAssertEqual(try prepared(), 2...7)
        let (bounds, isComplete) = try store.answers(to: taps.bounds, taps.isComplete)
        XCTAssertEqual(bounds, 2...7)
        XCTAssertFalse(isComplete)
        assert(.invalidArgument, try store.query("tap").since("other").bounds())
        assert(.invalidArgument, try store.query("tap").since("other").isComplete())
    }

    func testAPreparedQuestionSinceAMarker() throws {
        let store = try inMemory(markers: ["m"])
        let taps: PreparedQuestion<Int?> = try store.query("tap").since("m").sum.prepared()
        XCTAssertNil(try taps())
        store.record("tap")
        XCTAssertEqual(try taps(), 1)
        store.record("m")
        XCTAssertEqual(try taps(), 0)
        try store.record("tap", count: 3)
        XCTAssertEqual(try taps(), 3)
    }

    func testOncePerSession() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(1, within: .sinceSession)
        store.session()
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        try clock.advance(by: .days(100))
        let refused = try tip.checkAndRecord()
        XCTAssertEqual(refused.refusals.map(\.rule), tip.limit.rules)
        XCTAssertEqual(refused.refusals.first?.count, 1)
        XCTAssertFalse(refused.isAllowed)
        XCTAssertNil(refused.retryAfter, "waiting does not help")
        store.session()
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        XCTAssertFalse(tip.isAllowed())
        XCTAssertEqual(try store.query(EventStore.sessionMarker).lifetime(), 2)
        XCTAssertEqual(try store.query("tip").since(EventStore.sessionMarker).sum(), 1)
    }

    func testOncePerVersionOfTheApp() throws {
        let store = try inMemory()
        let news = try store.limit("news").atMost(1, within: .sinceAppVersion)
        XCTAssertTrue(try store.appVersion("1.0"))
        XCTAssertTrue(try news.checkAndRecord().isAllowed)
        XCTAssertFalse(try store.appVersion("1.0"), "the same version")
        XCTAssertFalse(try news.checkAndRecord().isAllowed)
        XCTAssertTrue(try store.appVersion("1.1"))
        XCTAssertTrue(try news.checkAndRecord().isAllowed)
        XCTAssertFalse(news.isAllowed())
        XCTAssertTrue(try store.appVersion("1.0"), "another version than the last one")
        XCTAssertEqual(try store.query(EventStore.appVersionMarker).lifetime(), 3)

        XCTAssertTrue(try store.appVersion(String(repeating: "é", count: 512)))
        assert(.invalidArgument, try store.appVersion(String(repeating: "é", count: 513)))
        XCTAssertEqual(try store.query(EventStore.appVersionMarker).lifetime(), 4)
        let stored = try onDisk()
        try stored.close()
        assert(.closed, try stored.appVersion("1"))
    }

    func testThreeLaunchesSinceTheLastPrompt() throws {
        let store = try inMemory(markers: ["prompt"])
        let prompt = try store.limit("prompt").atLeast(3, of: "launch", within: .since("prompt"))
        for _ in 0..<2 {
            for launches in 1...3 {
                store.record("launch")
                XCTAssertEqual(prompt.isAllowed(), launches == 3)
            }
            XCTAssertTrue(try prompt.checkAndRecord().isAllowed)
            XCTAssertEqual(try prompt.check().refusals.first?.count, 0)
        }
    }

    func testAMarkerSurvivesReopening() throws {
        var store = try onDisk(markers: ["m"])
        try store.record("tap", count: 4)
        store.record("m")
        try store.record("tap", count: 2)
        XCTAssertTrue(try store.appVersion("1.0"))
        try store.close()

        store = try onDisk(markers: ["m"])
        XCTAssertEqual(try store.query("tap").since("m").sum(), 2)
        store.record("tap")
        XCTAssertEqual(try store.query("tap").since("m").sum(), 3)
        XCTAssertTrue(try store.limit("x").atMost(4, of: "tap", within: .since("m")).isAllowed())
        XCTAssertFalse(try store.limit("x").atMost(3, of: "tap", within: .since("m")).isAllowed())
        XCTAssertFalse(try store.appVersion("1.0"), "the text is stored")
        XCTAssertEqual(try store.query("tap").since(EventStore.appVersionMarker).sum(), 1)
        try store.close()

        store = try onDisk()
        assert(.invalidArgument, try store.query("tap").since("m").sum(), "declared at each opening")
    }

    func testAMarkerOfAStoreThatIsOpenedAsynchronously() async throws {
        let store = try await EventStore(directory: folder, timeZone: .utc, clock: clock, markers: ["m"])
        store.record("tap")
        store.record("m")
        XCTAssertEqual(try store.query("tap").since("m").sum(), 0)
    }

    func testAnEventThatIsNotDeclaredIsAnErrorWithAdvice() throws {
        let store = try inMemory(markers: ["m"])
        store.record("tap")
        store.record("other")
        let calls: [() throws -> Void] = [
            { _ = try store.limit("tap").atMost(9, within: .since("other")) },
            { _ = try store.limit("tap").atLeast(0, of: "tap", within: .since("other")) },
            { _ = try store.limit("tap").noneOf(.atLeast(9, of: "tap", within: .since("other"))) },
            { _ = try store.query("tap").since("other").sum() },
            { _ = try store.query("tap").since("other").sum.prepared() },
        ]
        for (number, call) in calls.enumerated() {
            XCTAssertThrowsError(try call(), "\(number)") { error in
                guard case .invalidArgument(let reason, _)? = error as? EventError else { return XCTFail("\(error)") }
                XCTAssertTrue(reason.contains("not a marker of this store; declare it when the store is opened"), reason)
            }
        }
        XCTAssertEqual(try store.query("tap").lifetime(), 1)
    }

    func testAStoreHasAtMost8Markers() throws {
        let names = (0..<8).map { "marker \($0)" }
        let store = try inMemory(markers: names + [names[3], EventStore.sessionMarker])
        for name in names {
            store.record("tap")
            store.record(name)
        }
        XCTAssertEqual(try names.map { try store.query("tap").since($0).sum() }, [7, 6, 5, 4, 3, 2, 1, 0])
        assert(.invalidArgument, try inMemory(markers: names + ["ninth"]))
        assert(.invalidArgument, try inMemory(markers: [String(repeating: "é", count: 513)]))
        assert(.invalidArgument, try onDisk(markers: names + ["ninth"]))
    }

    func testCountsOfAnotherDeviceGiveBounds() throws {
        let (phone, tablet) = (try inMemory(markers: ["m"]), try inMemory(markers: ["m"]))
        try tablet.record("tap", count: 4)
        try clock.advance(by: .seconds(10))
        phone.record("m")
        phone.record("tap")
        try tablet.record("tap", count: 2)
        try clock.advance(by: .minutes(2))
        _ = try phone.merge(tablet.export())
        XCTAssertEqual(try phone.query("tap").since("m").sum(), 7, "the greatest possible number")
        let atMost = { try phone.limit("x").atMost($0, of: "tap", within: .since("m")).isAllowed() }
        let atLeast = { try phone.limit("x").atLeast($0, of: "tap", within: .since("m")).isAllowed() }
        XCTAssertEqual(try [atMost(7), atMost(8), atLeast(1), atLeast(2)], [false, true, true, false])
        let explained = try phone.limit("x").atMost(8, of: "tap", within: .since("m")).explain()
        XCTAssertEqual(explained.rules.first?.counted, 1...7)
        XCTAssertEqual(explained.rules.first?.since, instant("2026-03-10T12:00:10Z"))
        XCTAssertTrue(explained.description.contains("at most 8 since the marker m"), explained.description)
    }

    func testALaterMarkerOfAnotherDeviceBeginsTheWindowWithBounds() throws {
        let (phone, tablet) = (try inMemory(markers: ["m"]), try inMemory(markers: ["m"]))
        let taps = phone.query("tap").since("m")
        phone.record("m")
        try phone.record("tap", count: 2)
        try clock.advance(by: .minutes(5))
        phone.record("tap")
        try clock.advance(by: .seconds(0.001))
        tablet.record("m")
        try clock.advance(by: .minutes(5))
        try phone.record("tap", count: 3)
        XCTAssertEqual(try taps.bounds(), 6...6, "the phone has not heard of it")
        try phone.merge(tablet.export())
        XCTAssertEqual(try taps.bounds(), 3...4, "the tap of its minute may have been before or after it")
        XCTAssertFalse(try taps.isComplete())
        XCTAssertEqual(try taps.sum(), 4)
        // An earlier marker of another device changes nothing.
        phone.record("m")
        phone.record("tap")
        XCTAssertEqual(try taps.bounds(), 1...1)
        XCTAssertTrue(try taps.isComplete())
        try tablet.merge(phone.export())
        XCTAssertEqual(try tablet.query("tap").since("m").bounds(), 0...4, "for the tablet, the phone recorded it last")
    }

    func testTheCountSinceAMarkerIsExactAcrossAKill() throws {
        let store = try onDisk(markers: ["m"])
        try store.record("tap", count: 5)
        store.record("m")
        try store.record("tap", count: 2)
        try store.persist()
        let copy = try killed()
        try clock.advance(by: .minutes(1))
        let again = try EventStore(directory: copy, timeZone: .utc, clock: clock, markers: ["m"])
        let taps = again.query("tap").since("m")
        XCTAssertEqual(try taps.bounds(), 2...2)
        again.record("tap")
        XCTAssertEqual(try taps.bounds(), 3...3)
        XCTAssertTrue(try taps.isComplete())
        again.record("m")
        XCTAssertEqual(try taps.bounds(), 0...0)
    }

    func testTheCountSinceAMarkerIsExactAcrossACorrectionOfTheClock() throws {
        for hours in [-2.0, 2.0] {
            let start = instant("2026-03-10T12:00:00Z")
            try clock.set(start)
            let store = try inMemory(markers: ["m"])
            let taps = store.query("tap").since("m")
            try store.record("tap", count: 5)
            store.record("m")
            store.record("tap")
            try clock.set(start + hours * 3_600)
            XCTAssertEqual(try taps.bounds(), 1...1, "\(hours)")
            try store.record("tap", count: 2)
            XCTAssertEqual(try taps.bounds(), 3...3, "\(hours)")
            try clock.set(start + 60)
            store.record("tap")
            XCTAssertEqual(try taps.bounds(), 4...4, "\(hours)")
            XCTAssertTrue(try taps.isComplete())
            store.record("m")
            XCTAssertEqual(try taps.bounds(), 0...0, "\(hours)")
        }
    }

    func testWindowsSinceAMarkerAreValues() throws {
        enum AppEvent: String, EventID {
            case update
        }
        XCTAssertEqual(TimeWindow.since(AppEvent.update), .since(marker: "update"))
        XCTAssertEqual(TimeWindow.sinceSession, .since(EventStore.sessionMarker))
        XCTAssertEqual(TimeWindow.sinceAppVersion, .since(EventStore.appVersionMarker))
        XCTAssertEqual(Set([TimeWindow.since("a"), .since("b"), .since(marker: "a"), .ever]).count, 3)
        XCTAssertEqual(EventStore.sessionMarker, "tiny-counter.session")
        XCTAssertEqual(EventStore.appVersionMarker, "tiny-counter.app_version")
    }

    func testARehearsalHasTheMarkerInItsHistory() throws {
        let start = clock.now
        let tip = try inMemory(markers: ["m"]).limit("tip").atMost(2, within: .since("m"))
        let at = { (minutes: Int) in start + Double(60 * minutes) }
        let history = [0, 55, 500].map { Occurrence("m", at: at($0)) }
        let shown = try tip.rehearse(history: history, asked: (0..<100).map { at(10 * $0) })
        XCTAssertEqual(shown, [0, 10, 60, 70, 500, 510].map(at))
    }

    func testMarkersThatOnlyLookTheSameAreNotTheSame() throws {
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
        let store = try inMemory(markers: [composed, decomposed])
        store.record("tap")
        store.record(composed)
        for _ in 0..<2 {
            XCTAssertEqual(try store.query("tap").since(composed).sum(), 0)
            XCTAssertEqual(try store.query("tap").since(decomposed).sum(), 1)
            XCTAssertTrue(try store.limit("tap").atMost(1, within: .since(composed)).isAllowed())
            XCTAssertFalse(try store.limit("tap").atMost(1, within: .since(decomposed)).isAllowed())
        }
    }
}
