import Foundation
import XCTest

@testable import TinyCounter

final class WarningTests: StoreTestCase {
    private let warnings = Received()

    override func setUp() {
        let warnings = warnings
        EventStore.onWarning { warnings.add($0) }
    }

    override func tearDown() {
        EventStore.onWarning { _ in }
    }

    func testARecordingThatIsNotCountedIsAWarningOnAnotherThread() throws {
        let store = try inMemory()
        store.record(String(repeating: "x", count: 1_025))
        XCTAssertTrue(warnings.await("1,024 bytes"))
        try store.close()
        store.record("x")
        XCTAssertTrue(warnings.await("closed"))
        try store.event("x").record(count: 2)
        XCTAssertTrue(warnings.await("closed"))
        XCTAssertFalse(warnings.wereOnMainThread)
    }

    func testABackgroundWriteThatFailsIsAWarning() throws {
        let store = try onDisk()
        try FileManager.default.removeItem(at: folder)
        store.record("x")
        XCTAssertTrue(warnings.await("could not be written"))
        XCTAssertEqual(try store.query("x").lifetime(), 1)
    }

    func testTheHandlerMayCallTheStore() throws {
        let (store, open, warnings) = (try inMemory(), try inMemory(), warnings)
        try store.close()
        EventStore.onWarning { text in
            store.record("again")
            open.record("warned")
            warnings.add(text)
        }
        store.record("x")
        XCTAssertTrue(warnings.await("closed"))
        XCTAssertEqual(try open.query("warned").lifetime(), 1)
    }

    func testAPersistInTheBackgroundThatFailsIsAWarning() throws {
        let (store, center) = (try inMemory(), NotificationCenter())
        let watch = store.persistInBackground(center: center)
        center.post(name: PersistenceWatch.appGoes[1], object: nil)
        XCTAssertTrue(warnings.await("was not persisted: this store is in memory only"))
        withExtendedLifetime(watch) {}
        // Also if the app takes the errors itself.
        let taking = store.persistInBackground(center: center) { _ in }
        watch.stop()
        center.post(name: PersistenceWatch.appGoes[1], object: nil)
        XCTAssertTrue(warnings.await("was not persisted"))
        withExtendedLifetime(taking) {}
    }

    func testAWatchThatNobodyKeepsIsAWarning() throws {
        let store = try onDisk()
        _ = store.persistInBackground()
        afterThisTurn()
        XCTAssertTrue(warnings.await("keep the watch"))
    }

    func testAWatchThatEndsAsItShouldIsNoWarning() throws {
        // With its store, after its store was closed, and after it was stopped.
        var both: (PersistenceWatch, EventStore)? = try { ($0.persistInBackground(), $0) }(inMemory())
        XCTAssertNotNil(both)
        both = nil
        let (closed, stopped) = (try inMemory(), try inMemory())
        var watches = [closed, stopped].map { $0.persistInBackground() }
        try closed.close()
        watches[1].stop()
        watches = []
        afterThisTurn()
        try inMemory().record(String(repeating: "x", count: 1_025), count: 1)
        XCTAssertTrue(warnings.await("1,024 bytes"))
        XCTAssertFalse(warnings.earlier.contains { $0.contains("keep the watch") })
    }

    func testAFolderThatCannotBeExcludedFromBackupsIsAWarning() throws {
        // On Linux the system excludes nothing and fails never.
        Files.exclude(folder) { url in throw CocoaError(.fileWriteNoPermission, userInfo: [NSLocalizedDescriptionKey: url.lastPathComponent]) }
        XCTAssertTrue(warnings.await("could not exclude the files of the store from backups: TinyCounter-"))
    }

    #if os(Linux)
    // Elsewhere warnings go to the system's log, which tests cannot read.
    func testAWarningIsLogged() throws {
        let store = try inMemory()
        let watch = store.persistInBackground(center: .default)
        let text = try standardError { NotificationCenter.default.post(name: PersistenceWatch.appGoes[1], object: nil) }
        XCTAssertTrue(text.contains("not persisted"), text)
        withExtendedLifetime(watch) {}
    }

    /// Returns what `work` writes to standard error.
    private func standardError(of work: () -> Void) throws -> String {
        let pipe = Pipe()
        let kept = dup(STDERR_FILENO)
        dup2(pipe.fileHandleForWriting.fileDescriptor, STDERR_FILENO)
        work()
        dup2(kept, STDERR_FILENO)
        close(kept)
        try pipe.fileHandleForWriting.close()
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
    #endif

    /// Lets the main queue do what it has to do.
    private func afterThisTurn() {
        let done = expectation(description: "the main queue")
        DispatchQueue.main.async { done.fulfill() }
        wait(for: [done], timeout: 10)
    }
}
