import TinyCounter
import XCTest

#if os(Linux)
import UIKit
#endif

final class LifecycleTests: StoreTestCase {
    private let center = NotificationCenter()
    private let background = PersistenceWatch.appGoes[0]

    func testGoingToTheBackgroundPersists() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        for notification in PersistenceWatch.appGoes {
            store.record("a")
            XCTAssertTrue(store.isDirty)
            center.post(name: notification, object: nil)
            XCTAssertTrue(isClean(store), notification.rawValue)
        }
        let copy = folder.appendingPathExtension("copy")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: folder, to: copy)
        XCTAssertEqual(try EventStore(directory: copy, clock: clock).query("a").lifetime(), 2)
        withExtendedLifetime(watch) {}
    }

    func testOtherNotifications() throws {
        let store = try onDisk()
        let mine = Notification.Name("mine")
        let watch = store.persistInBackground(on: [mine], center: center)
        store.record("a")
        center.post(name: background, object: nil)
        XCTAssertTrue(store.isDirty)
        center.post(name: mine, object: nil)
        XCTAssertTrue(isClean(store))
        withExtendedLifetime(watch) {}
    }

    func testTheMainThreadWaitsOnlyWhenTheAppEnds() throws {
        let store = try inMemory()
        let reported = expectation(description: "both errors")
        reported.expectedFulfillmentCount = 2
        let onMain = Seen()
        let watch = store.persistInBackground(center: center) { _ in
            onMain.add(Thread.isMainThread)
            reported.fulfill()
        }
        let ends = PersistenceWatch.appGoes[1]
        center.post(name: ends, object: nil)
        XCTAssertEqual(onMain.all, [true], "reported before the notification returns")
        center.post(name: background, object: nil)
        wait(for: [reported], timeout: 10)
        XCTAssertEqual(onMain.all, [true, false])
        withExtendedLifetime(watch) {}
    }

    #if os(Linux)
    // Elsewhere the error goes to the system log, which tests cannot read.
    func testWithoutOnErrorAnErrorIsLogged() throws {
        let store = try inMemory()
        let watch = store.persistInBackground(center: center)
        XCTAssertTrue(try standardError(of: { center.post(name: PersistenceWatch.appGoes[1], object: nil) }).contains("not persisted"))
        withExtendedLifetime(watch) {}
    }
    #endif

    func testReleasingTheWatchStopsIt() throws {
        let store = try onDisk()
        var watch: PersistenceWatch? = store.persistInBackground(center: center)
        XCTAssertNotNil(watch)
        watch = nil
        store.record("a")
        center.post(name: background, object: nil)
        XCTAssertTrue(store.isDirty)
    }

    func testTheWatchDoesNotKeepItsStore() throws {
        var store: EventStore? = try onDisk()
        weak var gone = store
        let watch = try XCTUnwrap(store).persistInBackground(center: center)
        store = nil
        XCTAssertNil(gone)
        center.post(name: background, object: nil)
        XCTAssertNoThrow(try onDisk())
        withExtendedLifetime(watch) {}
    }

    func testAnErrorIsReported() throws {
        let store = try inMemory()
        let reported = expectation(description: "the error")
        let watch = store.persistInBackground(center: center) { error in
            XCTAssertEqual(Kind(error), .storage)
            reported.fulfill()
        }
        center.post(name: background, object: nil)
        wait(for: [reported], timeout: 1)
        withExtendedLifetime(watch) {}
    }

    func testAClosedStoreIsNotAnError() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center) { XCTFail("\($0)") }
        try store.close()
        center.post(name: background, object: nil)
        withExtendedLifetime(watch) {}
    }

    func testTheZoneFollowsTheDevice() throws {
        let before = ProcessInfo.processInfo.environment["TZ"]
        defer { moveDevice(to: before) }
        moveDevice(to: "America/New_York")
        // In Tokyo it is the 11th already.
        try clock.set(instant("2026-03-10T20:00:00Z"))
        let store = try EventStore.inMemory(clock: clock)
        let fixed = try inMemory(.newYork)
        let watches = [store, fixed].map { $0.persistInBackground(center: center) }
        for store in [store, fixed] { store.record("a") }

        moveDevice(to: "Asia/Tokyo")
        center.post(name: .NSSystemTimeZoneDidChange, object: nil)
        XCTAssertEqual(try store.query("a").lastDays(2).buckets(), [0, 1])
        XCTAssertEqual(try fixed.query("a").lastDays(2).buckets(), [1, 0])
        withExtendedLifetime(watches) {}
    }

    func testTheTableIsRenewedWhenTheClockIsSetAndWhenTheAppReturns() throws {
        #if os(macOS)
        let returns = "NSApplicationDidBecomeActiveNotification"
        #else
        let returns = "UIApplicationWillEnterForegroundNotification"
        #endif
        let store = try inMemory(.berlin)
        let watch = store.persistInBackground(center: center)
        for notification in ["NSSystemClockDidChangeNotification", returns] {
            try clock.set(clock.now - 9 * 365 * 86_400)
            XCTAssertNotNil(store.health.zoneEnded)
            center.post(name: Notification.Name(notification), object: nil)
            XCTAssertNil(store.health.zoneEnded, notification)
        }
        withExtendedLifetime(watch) {}
    }

    /// Waits for a persist that runs on another thread.
    private func isClean(_ store: EventStore) -> Bool {
        for _ in 0..<2_000 where store.isDirty { usleep(5_000) }
        return !store.isDirty
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

    private func moveDevice(to zone: String?) {
        if let zone { setenv("TZ", zone, 1) } else { unsetenv("TZ") }
        NSTimeZone.resetSystemTimeZone()
    }
}

/// Collects values from any thread.
private final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var seen: [Bool] = []

    var all: [Bool] { lock.withLock { seen } }

    func add(_ one: Bool) { lock.withLock { seen.append(one) } }
}

#if os(Linux)
/// Tests the code for iOS with a substitute for UIKit.
final class BackgroundTaskTests: StoreTestCase {
    private let center = NotificationCenter()

    func testPersistsInABackgroundTask() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        let application = MainActor.assumeIsolated { Application() }
        application.done = expectation(description: "the end of the background task")
        store.record("a")
        center.post(name: UIApplication.didEnterBackgroundNotification, object: application)
        XCTAssertEqual(application.granted.count, 1, "asked for while the notification is posted")
        wait(for: [try XCTUnwrap(application.done)], timeout: 5)
        XCTAssertFalse(store.isDirty)
        // A late expiration ends the task only once.
        MainActor.assumeIsolated { application.granted.forEach { $0() } }
        XCTAssertEqual(application.ended, [1])
        withExtendedLifetime(watch) {}
    }

    func testAnAppThatEndsGetsNoBackgroundTask() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        let application = MainActor.assumeIsolated { Application() }
        store.record("a")
        center.post(name: UIApplication.willTerminateNotification, object: application)
        XCTAssertFalse(store.isDirty, "persisted before the notification returns")
        XCTAssertEqual(application.granted.count, 0)
        withExtendedLifetime(watch) {}
    }
}

private final class Application: UIApplication {
    // The tests run on the main thread too.
    nonisolated(unsafe) var done: XCTestExpectation?
    nonisolated(unsafe) var granted: [@MainActor @Sendable () -> Void] = []
    nonisolated(unsafe) var ended: [Int] = []

    override func beginBackgroundTask(
        withName taskName: String?, expirationHandler handler: (@MainActor @Sendable () -> Void)? = nil
    ) -> UIBackgroundTaskIdentifier {
        granted.append(handler ?? {})
        return UIBackgroundTaskIdentifier(rawValue: granted.count)
    }

    override func endBackgroundTask(_ identifier: UIBackgroundTaskIdentifier) {
        ended.append(identifier.rawValue)
        done?.fulfill()
    }
}
#endif
