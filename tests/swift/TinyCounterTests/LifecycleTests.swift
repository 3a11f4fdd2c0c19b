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
        XCTAssertEqual(try EventStore(directory: copy, clock: clock).query("a").lifetime(), PersistenceWatch.appGoes.count)
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

    func testStoppingTheWatchStopsItEvenIfItIsKept() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        watch.stop()
        watch.stop()
        store.record("a")
        center.post(name: PersistenceWatch.appGoes[1], object: nil)
        XCTAssertTrue(store.isDirty)
        withExtendedLifetime(watch) {}
    }

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

    func testTheZoneFollowsTheDeviceOnEveryNotificationThatCanMeanAChange() throws {
        let before = ProcessInfo.processInfo.environment["TZ"]
        defer { moveDevice(to: before) }
        #if os(macOS)
        let names = [NSNotification.Name.NSSystemTimeZoneDidChange.rawValue, "NSApplicationDidBecomeActiveNotification"]
        #else
        let names = [
            NSNotification.Name.NSSystemTimeZoneDidChange.rawValue, "UIApplicationSignificantTimeChangeNotification",
            "UIApplicationWillEnterForegroundNotification", "NSExtensionHostWillEnterForegroundNotification",
        ]
        #endif
        for name in names {
            moveDevice(to: "America/New_York")
            // In Tokyo it is the 11th already.
            try clock.set(instant("2026-03-10T20:00:00Z"))
            let store = try EventStore.inMemory(clock: clock)
            let fixed = try inMemory(.newYork)
            let watches = [store, fixed].map { $0.persistInBackground(center: center) }
            for store in [store, fixed] { store.record("a") }

            moveDevice(to: "Asia/Tokyo")
            center.post(name: Notification.Name(name), object: nil)
            XCTAssertEqual(try store.query("a").lastDays(2).buckets(), [0, 1], name)
            XCTAssertEqual(try fixed.query("a").lastDays(2).buckets(), [1, 0], name)
            withExtendedLifetime(watches) {}
        }
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
