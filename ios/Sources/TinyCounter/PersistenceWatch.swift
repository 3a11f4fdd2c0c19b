import Foundation

#if canImport(os)
import os
#endif
#if canImport(UIKit) && !os(watchOS)
import UIKit
#endif

extension EventStore {
    /// Persists whenever the app goes to the background or ends. Renews the time zone whenever that
    /// of the device changes, and when the clock was set to a time that the table of the zone does
    /// not cover.
    ///
    /// Keep the returned watch as long as the store:
    ///
    /// ```swift
    /// let watch = store.persistInBackground()
    /// ```
    ///
    /// It persists on a background thread, on iOS in a background task, so that the system lets it
    /// finish. When the app ends, it persists before the notification returns. Extensions do not
    /// receive these notifications: call `persist()` there.
    ///
    /// - Parameters:
    ///   - notifications: The notifications on which to persist. Default: those of the system.
    ///   - center: The center that posts them.
    ///   - onError: Called, on any thread, with the error of a persist. By default the error goes
    ///     to the system log. What was not saved stays dirty, and the next persist saves it.
    /// - Returns: The watch. It holds the store weakly. Releasing it stops it.
    public func persistInBackground(
        on notifications: [Notification.Name] = PersistenceWatch.appGoes,
        center: NotificationCenter = .default,
        onError: (@Sendable (EventError) -> Void)? = nil
    ) -> PersistenceWatch {
        PersistenceWatch(self, notifications, center, onError ?? PersistenceWatch.log)
    }
}

/// Persists a store whenever the app goes to the background, until it is released.
public final class PersistenceWatch: Sendable {
    private let center: NotificationCenter
    // Only passed back to the center, which is safe on any thread.
    private nonisolated(unsafe) let tokens: [any NSObjectProtocol]

    // By name, because some SDKs isolate the constants to the main actor.
    #if os(macOS)
    private static let goesToBackground = Notification.Name("NSApplicationDidResignActiveNotification")
    private static let ends = Notification.Name("NSApplicationWillTerminateNotification")
    private static let returns = Notification.Name("NSApplicationDidBecomeActiveNotification")
    #else
    private static let goesToBackground = Notification.Name("UIApplicationDidEnterBackgroundNotification")
    private static let ends = Notification.Name("UIApplicationWillTerminateNotification")
    private static let returns = Notification.Name("UIApplicationWillEnterForegroundNotification")
    #endif
    private static let clockWasSet = Notification.Name("NSSystemClockDidChangeNotification")

    /// The system's notifications for an app that goes to the background, and for one that ends.
    public static let appGoes = [goesToBackground, ends]

    init(
        _ store: EventStore,
        _ notifications: [Notification.Name],
        _ center: NotificationCenter,
        _ onError: @escaping @Sendable (EventError) -> Void
    ) {
        let persist: @Sendable (Notification) -> Void = { [weak store] notification in
            guard let store else { return }
            PersistenceWatch.run(on: notification) {
                do throws(EventError) {
                    try store.persist()
                } catch .closed {
                    // The app closed the store, which persisted it.
                } catch {
                    onError(error)
                }
            }
        }
        let renew: @Sendable (Notification) -> Void = { [weak store] _ in store?.renewTimeZone() }
        let renewIfLeft: @Sendable (Notification) -> Void = { [weak store] _ in store?.renewTimeZoneIfLeft() }
        self.center = center
        let observe = { (name: Notification.Name, call: @escaping @Sendable (Notification) -> Void) in
            center.addObserver(forName: name, object: nil, queue: nil, using: call)
        }
        tokens =
            notifications.map { observe($0, persist) } + [observe(.NSSystemTimeZoneDidChange, renew)]
            + [PersistenceWatch.clockWasSet, PersistenceWatch.returns].map { observe($0, renewIfLeft) }
    }

    deinit {
        tokens.forEach(center.removeObserver)
    }

    /// Runs `work` before it returns if the app ends, or if it is not called on the main thread.
    /// Otherwise it runs `work` soon on a background thread.
    private static func run(on notification: Notification, _ work: @escaping @Sendable () -> Void) {
        guard notification.name != ends, Thread.isMainThread else { return work() }
        #if canImport(UIKit) && !os(watchOS)
        // The application is taken from the notification, because extensions must not use
        // `UIApplication.shared`.
        if notification.name == goesToBackground, let application = notification.object as? UIApplication {
            return MainActor.assumeIsolated { BackgroundTask.run(work, application) }
        }
        #endif
        DispatchQueue.global(qos: .userInitiated).async(execute: work)
    }

    /// The default of `onError`.
    @Sendable static func log(_ error: EventError) {
        let line = "TinyCounter: the store was not persisted: \(error.reason)"
        #if canImport(os)
        os_log("%{public}@", type: .error, line)
        #else
        FileHandle.standardError.write(Data((line + "\n").utf8))
        #endif
    }
}

#if canImport(UIKit) && !os(watchOS)
/// Runs work while the system grants the app time in the background.
@MainActor private final class BackgroundTask {
    private let application: UIApplication
    private var id = UIBackgroundTaskIdentifier.invalid

    static func run(_ work: @escaping @Sendable () -> Void, _ application: UIApplication) {
        let task = BackgroundTask(application)
        task.id = application.beginBackgroundTask(withName: "TinyCounter.persist") { task.end() }
        DispatchQueue.global(qos: .userInitiated).async {
            work()
            Task { @MainActor in task.end() }
        }
    }

    private init(_ application: UIApplication) {
        self.application = application
    }

    private func end() {
        guard id != .invalid else { return }
        application.endBackgroundTask(id)
        id = .invalid
    }
}
#endif
