import Foundation
import TinyCounter
import XCTest

/// A test with a clock at noon of Tuesday 2026-03-10, and with its own folder.
class StoreTestCase: XCTestCase {
    var clock: TestClock!
    var folder: URL!

    override func setUpWithError() throws {
        clock = try TestClock(instant("2026-03-10T12:00:00Z"))
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("TinyCounter-\(UUID())")
    }

    override func tearDownWithError() throws {
        if FileManager.default.fileExists(atPath: folder.path) {
            try FileManager.default.removeItem(at: folder)
        }
    }

    func inMemory(
        _ timeZone: TimeZone = .utc, tracking: Tracking = .standard, markers: [String] = []
    ) throws -> EventStore {
        try EventStore.inMemory(tracking: tracking, timeZone: timeZone, clock: clock, markers: markers)
    }

    /// Waits for a persist that runs on another thread.
    func isClean(_ store: EventStore) -> Bool {
        for _ in 0..<2_000 where store.isDirty { usleep(5_000) }
        return !store.isDirty
    }

    func onDisk(writes: Writes = .background, markers: [String] = []) throws -> EventStore {
        try EventStore(directory: folder, writes: writes, timeZone: .utc, clock: clock, markers: markers)
    }

    /// Copies the folder, as a kill of the process at this instant leaves it.
    func killed() throws -> URL {
        let copy = folder.appendingPathExtension("killed-\(UUID())")
        try FileManager.default.copyItem(at: folder, to: copy)
        addTeardownBlock { try FileManager.default.removeItem(at: copy) }
        return copy
    }
}

extension TimeZone {
    static let utc = TimeZone(secondsFromGMT: 0)!
    static let berlin = TimeZone(identifier: "Europe/Berlin")!
    static let newYork = TimeZone(identifier: "America/New_York")!
    static let tokyo = TimeZone(identifier: "Asia/Tokyo")!
}

func instant(_ text: String) -> Date {
    ISO8601DateFormatter().date(from: text)!
}

/// Seconds that are not a valid duration and not a valid instant.
let absurd: [TimeInterval] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e18, -1e18]

/// The text of a file of tests/fixtures/rules.
func rules(_ name: String) throws -> String {
    String(decoding: try fixture("rules/\(name)"), as: UTF8.self)
}

/// A file of tests/fixtures.
func fixture(_ name: String) throws -> Data {
    try Data(contentsOf: fixtureURL(name))
}

func fixtureURL(_ name: String) -> URL {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return tests.appendingPathComponent("fixtures").appendingPathComponent(name)
}

enum Kind {
    case invalidArgument, invalidRules, unavailable, storage, notWritten, reservationExpired, corrupt, incompatible
    case syncKeyRequired, closed, unexpected

    init(_ error: EventError) {
        self =
            switch error {
            case .invalidArgument: .invalidArgument
            case .invalidRules: .invalidRules
            case .unavailable: .unavailable
            case .storage: .storage
            case .notWritten: .notWritten
            case .reservationExpired: .reservationExpired
            case .corrupt: .corrupt
            case .incompatible: .incompatible
            case .syncKeyRequired: .syncKeyRequired
            case .closed: .closed
            case .unexpected: .unexpected
            }
    }
}

func assert<Answer>(
    _ kind: Kind, _ call: @autoclosure () throws -> Answer,
    _ message: String = "", file: StaticString = #filePath, line: UInt = #line
) {
    XCTAssertThrowsError(try call(), message, file: file, line: line) { error in
        guard let error = error as? EventError else { return XCTFail("\(error) \(message)", file: file, line: line) }
        XCTAssertEqual(Kind(error), kind, "\(error) \(message)", file: file, line: line)
        XCTAssertFalse(error.reason.isEmpty, file: file, line: line)
    }
}
