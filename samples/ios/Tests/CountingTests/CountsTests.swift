import Foundation
import TinyCounter
import XCTest

@testable import Counting

final class CountsTests: XCTestCase {
    private let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString, isDirectory: true)
    private var clock: TestClock!

    override func setUp() async throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        clock = try TestClock(Date(timeIntervalSince1970: 1_773_230_400))  // 2026-03-11, noon
    }

    override func tearDown() async throws {
        try FileManager.default.removeItem(at: url)
    }

    private func counts(of process: GroupFolder.Process = .app) throws -> Counts {
        let utc = try XCTUnwrap(TimeZone(identifier: "UTC"))
        return try Counts(EventStore.inMemory(timeZone: utc, clock: clock), GroupFolder(url), process)
    }

    func testTheSummaryHasACountForEachDayOfTheWeek() throws {
        let counts = try counts()
        for _ in 0..<2 {
            counts.launched()
            counts.drank()
            try clock.advance(by: .days(1))
        }
        counts.drank()
        let summary = try counts.summary()
        XCTAssertEqual(summary.today, 1)
        XCTAssertEqual(summary.activeDays, 2)
        XCTAssertEqual(summary.week.map(\.count), [0, 0, 0, 0, 1, 1, 1])
        XCTAssertEqual(summary.week.last?.date, CalendarDate(2026, 3, 13))
    }

    func testATipIsShownOnceAWeekAndNotAfterAFailure() throws {
        let counts = try counts()
        counts.launched()
        XCTAssertFalse(try counts.mayShowTip())
        counts.launched()
        counts.launched()
        counts.failed()
        XCTAssertEqual(try counts.whyNoTip().count, 1)
        try clock.advance(by: .days(2))
        XCTAssertTrue(try counts.mayShowTip())
        XCTAssertFalse(try counts.mayShowTip())
        try clock.advance(by: .days(7))
        XCTAssertTrue(try counts.mayShowTip())
    }

    func testTheWidgetShowsWhatTheAppCounted() throws {
        let (app, widget) = (try counts(of: .app), try counts(of: .widget))
        XCTAssertEqual(try widget.takeOver(), 0)
        app.drank()
        try app.publish()
        XCTAssertEqual(try widget.takeOver(), 1)
        XCTAssertEqual(try widget.takeOver(), 0)
        widget.drank()
        try widget.publish()
        try app.takeOver()
        XCTAssertEqual(try app.summary().today, 2)
        XCTAssertEqual(try widget.summary().today, 2)
    }

    func testEachProcessKeepsItsCountsInTheGroupFolder() throws {
        for process in GroupFolder.Process.allCases {
            let first = try Counts(in: GroupFolder(url), as: process)
            first.drank()
            try first.close()
            let second = try Counts(in: GroupFolder(url), as: process)
            XCTAssertEqual(try second.summary().today, 1)
            try second.close()
        }
    }

    func testTheModelShowsWhatItCounts() async throws {
        let (app, widget) = (try counts(of: .app), try counts(of: .widget))
        try await MainActor.run {
            let model = CountsModel(app)
            model.drank()
            XCTAssertEqual(model.summary.today, 1)
            XCTAssertFalse(model.showsTip)
            XCTAssertEqual(model.message, "")

            try widget.takeOver()
            XCTAssertEqual(try widget.summary().today, 1)
            widget.drank()
            try widget.publish()
            model.returned()
            XCTAssertEqual(model.summary.today, 2)
        }
    }

    func testTheModelFollowsTheCountOfToday() async throws {
        let app = try counts()
        let model = await CountsModel(app)
        let following = Task { await model.follow() }
        for glasses in 1...3 {
            app.drank()  // elsewhere in the app: the model is not told
            // A model that does not follow fails, and does not wait for ever.
            let end = Date() + 60
            while await model.today != glasses, Date() < end { await Task.yield() }
            let today = await model.today
            XCTAssertEqual(today, glasses)
        }
        following.cancel()
        await following.value
        let message = await model.message
        XCTAssertEqual(message, "")
    }
}
