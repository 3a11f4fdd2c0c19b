import Foundation
import TinyCounter
import XCTest

/// The readmes show Example.swift, so that their example compiles. These tests run it.
final class ExampleTests: StoreTestCase {
    func testTheExampleRuns() throws {
        let usage = try Usage(directory: folder)
        for _ in 0..<2 { usage.launched() }
        XCTAssertFalse(try usage.mayAskForReview())
        usage.launched()
        XCTAssertTrue(try usage.mayAskForReview())
        XCTAssertFalse(try usage.mayAskForReview())
        XCTAssertEqual(try usage.launchesThisWeek(), 3)
        XCTAssertFalse(try usage.isLoyal())
        let report = try usage.report()
        XCTAssertTrue(report.contains("| no | review_prompt | at most 1 in the last 120 days | 1 |"), report)
    }

    func testTheExampleOfMessagesRuns() throws {
        let store = try inMemory()
        let messages = try Messages(store: store)
        XCTAssertEqual(try messages.trySale(), "not by waiting")
        store.record("visit")
        store.record("complaint")
        try clock.advance(by: .hours(1))
        XCTAssertEqual(try messages.trySale(), "not by waiting", "the visit is forgotten before the complaint")
        try store.record("launch", count: 20)
        let allowed = instant("2026-03-10T12:00:00Z") + 30 * 86_400 + 0.001
        XCTAssertEqual(try messages.trySale(), "again at \(allowed.timeIntervalSince1970)")
        try clock.set(allowed)
        XCTAssertEqual(try messages.trySale(), "shown")
        XCTAssertEqual(try store.query("any_message").lastDays(1).sum(), 1)
    }

    func testTheExampleOfSessionsRuns() throws {
        let sessions = try Sessions(store: inMemory(markers: ["review_prompt"]))
        for launches in 1...3 {
            try sessions.launched(version: "1.4.0")
            XCTAssertTrue(try sessions.tryTip())
            XCTAssertFalse(try sessions.tryTip(), "once in a session")
            XCTAssertEqual(try sessions.launchesSincePrompt(), launches)
            XCTAssertEqual(try sessions.tryPrompt(), launches == 3)
        }
        XCTAssertEqual(try sessions.launchesSincePrompt(), 0)
    }

    func testTheExampleOfRulesFromAServerRuns() throws {
        let bundled = #"{"version": 1, "limits": {"tip": {"all": [{"at_most": 1, "of": "tip", "within": "P1D"}]}}}"#
        var rules = try ServerRules(store: inMemory(), bundled: bundled)
        XCTAssertTrue(try rules.mayShow("tip"))
        XCTAssertFalse(try rules.mayShow("tip") || rules.mayShow("offer"))
        let wrong = #"{"version": 1, "limits": {"offer": {"all": []}, "tip": {"all": [{"at_most": 2}]}}}"#
        XCTAssertEqual(rules.update(wrong), "/limits/tip/all/0: expected the member `of`, found none")
        let unknown = bundled.replacingOccurrences(of: #""P1D""#, with: #"{"since": "typo"}"#)
        XCTAssertTrue(rules.update(unknown)?.contains("not a marker") == true)
        XCTAssertFalse(try rules.mayShow("tip") || rules.mayShow("offer"))
        XCTAssertNil(rules.update(bundled.replacingOccurrences(of: "1, \"of\"", with: "2, \"of\"")))
        XCTAssertTrue(try rules.mayShow("tip"), "the second one of today")
        XCTAssertFalse(try rules.mayShow("tip"))
    }

    func testTheExampleOfNamesWithALeadingDotRuns() throws {
        let screen = try ReadingScreen(store: inMemory())
        screen.opened()
        screen.opened()
        screen.finished()
        XCTAssertFalse(try screen.mayShowTip())
        try clock.advance(by: .days(1))
        XCTAssertTrue(try screen.mayShowTip())
        XCTAssertFalse(try screen.mayShowTip())
        XCTAssertEqual(try screen.chart().suffix(3), ["3/9: 0", "3/10: 2", "3/11: 0"])
    }

    func testOldCountsAreTakenOverOnce() async throws {
        let name = "TinyCounter-\(UUID())"
        let defaults = try XCTUnwrap(UserDefaults(suiteName: name))
        defer { defaults.removePersistentDomain(forName: name) }
        defaults.set(50, forKey: "launches")
        defaults.set(1_700_000_000, forKey: "lastLaunch")
        let store = try inMemory()
        try await takeOverOldCounts(store: store, defaults: defaults)
        try await takeOverOldCounts(store: store, defaults: defaults)
        XCTAssertEqual(try store.query("launch").lifetime(), 50)
        XCTAssertEqual(defaults.integer(forKey: "launches"), 0)
    }

    func testTheExampleOfALabelRuns() async throws {
        let store = try inMemory()
        try store.record("launch", count: 2)
        var shown: [String] = []
        do {
            try await followLaunches(in: store) { text in
                shown.append(text)
                if shown.count == 1 { store.record("launch") } else { try? close(store) }
            }
            XCTFail("it goes on")
        } catch EventError.closed {}
        XCTAssertEqual(shown, ["2 launches this week", "3 launches this week"])
    }

    func testTheExampleOfASharedStoreRuns() throws {
        // The folder of this account, so the test changes no count.
        XCTAssertTrue(EventStore.shared === EventStore.shared)
        XCTAssertTrue(EventStore.sharedWatch === EventStore.sharedWatch)
        EventStore.sharedWatch.stop()
        try EventStore.shared.close()
    }

    func testTheExampleOfADebugScreenRuns() throws {
        let store = try inMemory()
        let tip = try store.limit("tip").atMost(1, within: .days(7))
        try store.record("launch", count: 2)
        _ = try tip.checkAndRecord()
        let lines = try debugText(of: store, limits: [tip]).split(separator: "\n")
        XCTAssertEqual(lines.prefix(2), ["launch: 2 in 7 days, 2 ever", "tip: 1 in 7 days, 1 ever"])
        XCTAssertTrue(lines.last?.hasPrefix("| no | tip | at most 1 in the last 7 days | 1 |") == true, "\(lines)")
    }

    private func close(_ store: EventStore) throws {
        try store.close()
    }

    func testTheExampleOfDevicesRuns() throws {
        let (phoneStore, tabletStore) = (try inMemory(), try inMemory())
        let (phone, tablet) = (Device(store: phoneStore), Device(store: tabletStore))
        try phoneStore.record("launch", count: 2)
        try tabletStore.record("launch", count: 3)
        XCTAssertEqual(try tablet.receive(phone.everything()), 1)
        XCTAssertEqual(try tablet.receive(phone.everything()), 0)
        XCTAssertEqual(try phone.receive(tablet.answer(to: phone.whatIKnow())), 1)
        XCTAssertEqual(try phoneStore.query("launch").today().sum(), 5)
    }

    func testTheReadmesShowTheExamples() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let ios = "ios/README.md"
        let guide = { (name: String) in "ios/Sources/TinyCounter/TinyCounter.docc/\(name).md" }
        let shown = [
            ("Example", ["README.md", ios, guide("FirstHour")]), ("Messages", [ios, guide("DecidingWithLimits")]),
            ("ReadingScreen", [ios]), ("Sessions", [ios]), ("ServerRules", [ios]), ("OldCounts", [ios]),
            ("LaunchLabel", [ios]), ("Devices", [ios, guide("SeveralDevices")]), ("PromptTests", [ios, guide("TestingAnApp")]),
            ("SharedStore", [ios]), ("DebugScreen", [ios]),
        ]
        for (name, readmes) in shown {
            let example = try String(contentsOf: here.appendingPathComponent("\(name).swift"), encoding: .utf8)
            for readme in readmes {
                let text = try String(contentsOf: root.appendingPathComponent(readme), encoding: .utf8)
                XCTAssertTrue(text.contains("```swift\n\(example)```"), "\(name) in \(readme)")
            }
        }
    }
}
