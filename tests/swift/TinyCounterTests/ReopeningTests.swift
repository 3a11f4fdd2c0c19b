import TinyCounter
import XCTest

/// A store whose files cannot be read for a while, as before the device is unlocked. Here another
/// store has the folder open.
final class ReopeningTests: StoreTestCase {
    private let center = NotificationCenter()
    private let unlocked = Notification.Name("UIApplicationProtectedDataDidBecomeAvailable")
    #if os(macOS)
    private let returns = Notification.Name("NSApplicationDidBecomeActiveNotification")
    #else
    private let returns = Notification.Name("UIApplicationWillEnterForegroundNotification")
    #endif

    private func waiting() throws -> EventStore {
        try EventStore(directory: folder, timeZone: .utc, clock: clock, whenUnavailable: .stayClosed)
    }

    func testWithoutAskingForItAnUnavailableStoreIsAnError() throws {
        let first = try onDisk()
        assert(.unavailable, try onDisk())
        try first.close()
    }

    func testAStoreThatIsAvailableIsOpen() throws {
        let store = try waiting()
        store.record("a")
        XCTAssertEqual(try store.query("a").lifetime(), 1)
    }

    func testOtherErrorsAreThrownInAnyCase() throws {
        try Data("x".utf8).write(to: folder)
        assert(.storage, try waiting())
        assert(.invalidArgument, try EventStore(directory: URL(string: "https://example.org")!, whenUnavailable: .stayClosed))
    }

    func testAnUnavailableStoreAnswersAsAClosedOneAndOpensWhenTheDeviceIsUnlocked() throws {
        #if !os(macOS)
        try opens(on: unlocked)
        #endif
    }

    func testAnUnavailableStoreOpensWhenTheAppReturns() throws {
        try opens(on: returns)
    }

    private func opens(on notification: Notification.Name) throws {
        let first = try onDisk()
        first.record("a")
        let store = try waiting()
        let watch = store.persistInBackground(center: center) { XCTAssertEqual(Kind($0), .unavailable) }
        let (tap, limit) = (store.event("a"), try store.limit("a").atMost(3, within: .today))
        let question = try store.query("a").lastDays(1).sum.prepared()
        tap.record()
        XCTAssertFalse(limit.isAllowed())
        assert(.closed, try question())
        // Still unavailable.
        center.post(name: notification, object: nil)
        assert(.closed, try limit.check())

        try first.close()
        center.post(name: notification, object: nil)
        XCTAssertTrue(isOpen(store))
        tap.record()
        XCTAssertTrue(try limit.checkAndRecord().isAllowed)
        XCTAssertEqual(try question(), 3, "what a closed store was told is not counted")
        store.record("a")
        XCTAssertFalse(limit.isAllowed())
        withExtendedLifetime(watch) {}
    }

    func testAStoreThatTheAppClosedStaysClosedUntilTheAppReopensIt() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        store.record("a")
        try store.close()
        for name in [unlocked, returns] { center.post(name: name, object: nil) }
        assert(.closed, try store.persist())
        try store.reopen()
        store.record("a")
        XCTAssertEqual(try store.query("a").lifetime(), 2)
        try store.reopen()
        XCTAssertFalse(store.isDirty, "an open store persists")
        withExtendedLifetime(watch) {}
    }

    func testAStoreThatCouldNotBeWrittenPersistsWhenTheAppReturns() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center) { XCTFail($0.reason) }
        let away = folder.appendingPathExtension("away")
        try FileManager.default.moveItem(at: folder, to: away)
        store.record("a")
        assert(.unavailable, try store.persist())
        try FileManager.default.moveItem(at: away, to: folder)
        center.post(name: returns, object: nil)
        XCTAssertTrue(isClean(store))
        XCTAssertFalse(store.health.storageFails)
        withExtendedLifetime(watch) {}
    }

    func testAFolderThatWasReplacedIsReadAgain() throws {
        let store = try onDisk()
        store.record("a")
        try store.persist()
        let log = folder.appendingPathComponent("events.log")
        let bytes = try Data(contentsOf: log)
        try FileManager.default.removeItem(at: log)
        try bytes.write(to: log)
        store.record("a")
        assert(.unavailable, try store.persist())
        try store.reopen()
        XCTAssertEqual(try store.query("a").lifetime(), 1)
        store.record("a")
        try store.persist()
    }

    func testAStoreInMemoryCannotBeReopened() throws {
        assert(.storage, try inMemory().reopen())
    }

    func testTheAsyncVersion() async throws {
        let store = try await EventStore(directory: folder, clock: clock, whenUnavailable: .stayClosed)
        try await store.close()
        try await store.reopen()
        store.record("a")
        XCTAssertEqual(try store.query("a").lifetime(), 1)
        try await store.close()
    }

    /// Waits until the store was opened on another thread.
    private func isOpen(_ store: EventStore) -> Bool {
        for _ in 0..<2_000 {
            if (try? store.query("a").lifetime()) != nil { return true }
            usleep(5_000)
        }
        return false
    }
}
