import XCTest

@testable import TinyCounter

final class ZoneTests: StoreTestCase {
    func testAStoreCountsDaysInItsZone() throws {
        try clock.set(instant("2026-03-10T20:00:00Z"))
        // The 11th, 05:00, and the 10th, 16:00.
        let (tokyo, newYork) = (try inMemory(.tokyo), try inMemory(.newYork))
        for store in [tokyo, newYork] { store.record("a") }
        try clock.set(instant("2026-03-11T10:00:00Z"))
        XCTAssertEqual(try tokyo.query("a").lastDays(1).sum(), 1)
        XCTAssertEqual(try newYork.query("a").lastDays(1).sum(), 0)
        XCTAssertEqual(try newYork.query("a").lastDays(2).sum(), 1)
    }

    func testADayOf23Hours() throws {
        try clock.set(instant("2026-03-28T22:30:00Z"))
        let berlin = try inMemory(.berlin)
        berlin.record("a")
        try clock.set(instant("2026-03-28T23:30:00Z"))
        berlin.record("a")
        try clock.set(instant("2026-03-29T21:59:59Z"))
        XCTAssertEqual(try berlin.query("a").lastDays(2).buckets(), [1, 1])
        XCTAssertEqual(try berlin.limit("a").atMost(1, within: .today).check().refusals.first?.retryAfter, 1)
        try clock.set(instant("2026-03-29T22:00:00Z"))
        XCTAssertEqual(try berlin.query("a").lastDays(3).buckets(), [0, 1, 1])
    }

    func testANewZoneAppliesToLaterRecordings() throws {
        try clock.set(instant("2026-03-10T20:00:00Z"))
        let store = try inMemory(.newYork)
        store.record("a")
        store.setTimeZone(.tokyo)
        XCTAssertEqual(store.timeZone, .tokyo)
        XCTAssertEqual(try store.query("a").lastDays(2).buckets(), [0, 1], "earlier recordings keep their date")
        store.record("a")
        XCTAssertEqual(try store.query("a").lastDays(2).buckets(), [1, 1])
    }

    func testTheTableHasEveryChangeOfItsYears() {
        let table = table("Europe/Berlin", around: "2026-03-10T12:00:00Z")
        XCTAssertEqual(table.count, 16, "two in each of seven years, and both ends")
        XCTAssertEqual(table[0].offset, 3_600)
        XCTAssertEqual(table[1].offset, 7_200)
        XCTAssertEqual(table[1].at, instant("2021-03-28T01:00:00Z"))
        XCTAssertEqual(table[10].at, instant("2025-10-26T01:00:00Z"))
        XCTAssertEqual(table[11].at, instant("2026-03-29T01:00:00Z"))
        XCTAssertEqual(table[11].offset, 7_200)
        XCTAssertEqual(table[15].offset, table[14].offset)
    }

    func testChangesOtherThanDaylightSavingTime() {
        let moscow = table("Europe/Moscow", around: "2013-01-01T00:00:00Z")
        XCTAssertTrue(moscow.contains { $0 == (instant("2011-03-26T23:00:00Z"), 4 * 3_600) }, "\(moscow)")
        XCTAssertTrue(moscow.contains { $0 == (instant("2014-10-25T22:00:00Z"), 3 * 3_600) }, "\(moscow)")
        // There was no 30 December 2011 in this zone.
        let apia = table("Pacific/Apia", around: "2012-01-01T00:00:00Z")
        XCTAssertTrue(apia.contains { $0 == (instant("2011-12-30T10:00:00Z"), 14 * 3_600) }, "\(apia)")
    }

    func testTheTableOfAFixedZoneEndsToo() throws {
        XCTAssertEqual(table("Asia/Tokyo", around: "2026-03-10T12:00:00Z").map(\.offset), [32_400, 32_400])
        let store = try inMemory(.tokyo)
        XCTAssertNil(store.health.zoneEnded)
        try clock.advance(by: .days(3 * 365))
        XCTAssertNotNil(store.health.zoneEnded)
        store.renewTimeZone()
        XCTAssertNil(store.health.zoneEnded)
    }

    func testATableOfAClockThatWasWrongByYearsIsRenewedAtTheNextCall() throws {
        try clock.set(instant("2035-01-10T12:00:00Z"))
        let store = try inMemory(.berlin)
        // 0:30 on the first of July, but 23:30 on 30 June by the winter time with which the table
        // begins.
        try clock.set(instant("2026-06-30T22:30:00Z"))
        XCTAssertEqual(store.health.zoneEnded, instant("2035-01-10T12:00:00Z") - 5 * 365.25 * 86_400)
        store.record("a")
        XCTAssertNil(store.health.zoneEnded)
        try clock.advance(by: .hours(12))
        XCTAssertEqual(try store.query("a").lastDays(2).buckets(), [1, 0])
        XCTAssertEqual(store.timeZone, .berlin)
    }

    func testALimitThatIsKeptReadsTheZoneAgainWhenTheClockHasLeftItsTable() throws {
        try clock.set(instant("2035-01-10T12:00:00Z"))
        let night = try inMemory(.berlin).limit("a").during(.daily(from: TimeOfDay(0, 15), to: TimeOfDay(1)))
        XCTAssertFalse(night.isAllowed())
        // 0:30 of the summer, but 23:30 by the winter time with which the table begins.
        try clock.set(instant("2026-06-30T22:30:00Z"))
        XCTAssertTrue(night.isAllowed())
    }

    func testTheEndsOfATableAreWholeSeconds() {
        // The table begins and ends a moment before and after a change.
        for end in ["2025-10-26T01:00:00Z", "2030-03-31T01:00:00Z"].map(instant) {
            for moment in [-0.0004, 0.0003, 0.4999] {
                for years in [-2, 5] {
                    let zone = ZoneOffsets(.berlin, around: end + Double(years) * 365.25 * 86_400 + moment)
                    let times = zone.core.transitions.map(\.atMillis)
                    XCTAssertTrue(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(end) \(moment) \(years)")
                }
            }
        }
    }

    func testEveryKnownZoneIsValid() throws {
        for name in TimeZone.knownTimeZoneIdentifiers {
            guard let zone = TimeZone(identifier: name) else { continue }
            XCTAssertNoThrow(try inMemory(zone), name)
        }
        for seconds in [-64_800, -12_345, 19_800, 64_800] {
            XCTAssertNoThrow(try inMemory(TimeZone(secondsFromGMT: seconds)!), "\(seconds)")
        }
    }

    func testAClockAtTheEndsOfTime() throws {
        // The first and the last second of the years 1 to 9999.
        for now in [-62_135_596_800, 253_402_300_799].map(Date.init(timeIntervalSince1970:)) {
            try clock.set(now)
            let store = try inMemory(.berlin)
            store.record("a")
            XCTAssertEqual(try store.query("a").lastDays(1).sum(), 1, "\(now)")
            XCTAssertEqual(store.now, now)
        }
    }

    private func table(_ zone: String, around now: String) -> [(at: Date, offset: Int)] {
        ZoneOffsets(TimeZone(identifier: zone)!, around: instant(now)).changes.map { (at: $0.at, offset: $0.offset) }
    }
}
