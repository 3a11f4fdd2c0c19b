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
    }

    func testTheReadmesShowTheExample() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appendingPathComponent("Example.swift"), encoding: .utf8)
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        for readme in ["README.md", "ios/README.md"] {
            let text = try String(contentsOf: root.appendingPathComponent(readme), encoding: .utf8)
            XCTAssertTrue(text.contains("```swift\n\(example)```"), readme)
        }
    }
}
