#if os(Linux)
import TinyCounter
import UIKit
import XCTest

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

    func testAnExpiredTaskEndsAtOnceAndOnlyOnce() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        let application = MainActor.assumeIsolated { Application() }
        store.record("a")
        center.post(name: UIApplication.didEnterBackgroundNotification, object: application)
        MainActor.assumeIsolated { application.granted[0]() }
        XCTAssertEqual(application.ended, [1])
        XCTAssertTrue(isClean(store))
        XCTAssertEqual(application.ended, [1])
        withExtendedLifetime(watch) {}
    }

    func testANotificationWithoutAnApplicationPersistsInAnExpiringActivity() throws {
        let mine = Notification.Name("mine")
        let store = try onDisk()
        let watch = store.persistInBackground(on: PersistenceWatch.appGoes + [mine], center: center)
        let activities = Activities()
        defer { activities.end() }
        // An extension, and a notification of the app's own.
        for name in [Notification.Name("NSExtensionHostDidEnterBackgroundNotification"), mine] {
            store.record("a")
            center.post(name: name, object: nil)
            XCTAssertEqual(activities.asked.count, 1)
            XCTAssertTrue(store.isDirty, "persisted when the system grants the time")
            let activity = activities.asked.removeFirst()
            activity(false)
            XCTAssertFalse(store.isDirty, "persisted before the activity ends")
            store.record("a")
            activity(true)
            XCTAssertTrue(store.isDirty, "nothing begins when the time is over")
        }
        withExtendedLifetime(watch) {}
    }

    func testANotificationOnAnotherThreadPersistsInAnExpiringActivity() throws {
        let store = try onDisk()
        let watch = store.persistInBackground(center: center)
        let application = MainActor.assumeIsolated { Application() }
        let activities = Activities()
        defer { activities.end() }
        store.record("a")
        let (center, posted) = (center, expectation(description: "posted"))
        Thread.detachNewThread {
            center.post(name: UIApplication.didEnterBackgroundNotification, object: application)
            posted.fulfill()
        }
        wait(for: [posted], timeout: 10)
        XCTAssertEqual(application.granted.count, 0)
        activities.asked.forEach { $0(false) }
        XCTAssertFalse(store.isDirty)
        withExtendedLifetime(watch) {}
    }

    func testTheNotificationsAreThoseOfUIKit() {
        XCTAssertEqual(
            PersistenceWatch.appGoes.prefix(2), [UIApplication.didEnterBackgroundNotification, UIApplication.willTerminateNotification])
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

/// Collects the activities for which the system is asked.
private final class Activities {
    // The tests wait for the other threads.
    nonisolated(unsafe) private static var collected: [@Sendable (Bool) -> Void] = []
    private let earlier = StandIn.performExpiringActivity

    var asked: [@Sendable (Bool) -> Void] {
        get { Activities.collected }
        set { Activities.collected = newValue }
    }

    init() {
        Activities.collected = []
        StandIn.performExpiringActivity = { _, activity in Activities.collected.append(activity) }
    }

    func end() {
        StandIn.performExpiringActivity = earlier
    }
}

private final class Application: UIApplication, @unchecked Sendable {
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
