import Foundation

#if canImport(os)
import os
#endif
#if canImport(UIKit) && !os(watchOS)
import UIKit
#endif

extension EventStore {
    /// Persists whenever the app goes to the background or ends, and renews the time zone whenever the device's changes.
    ///
    /// One line for an app, which keeps what it returns beside the store:
    ///
    /// ```swift
    /// let watch = store.persistInBackground()
    /// ```
    ///
    /// It persists off the main thread, on iOS under a background task, so that the system lets it finish; when the app ends, at once.
    /// An extension is told of no background: call `persist()` there.
    ///
    /// - Parameters:
    ///   - notifications: What tells that the app goes; by default the system's own notifications.
    ///   - center: Where they are posted.
    ///   - onError: Is told what hindered a persist, on any thread; by default that is logged. What was not saved stays dirty, and the next
    ///     persist tries again.
    /// - Returns: What watches. It holds the store weakly and stops when it is let go of.
    public func persistInBackground(
        on notifications: [Notification.Name] = PersistenceWatch.appGoes,
        center: NotificationCenter = .default,
        onError: (@Sendable (EventError) -> Void)? = nil
    ) -> PersistenceWatch {
        PersistenceWatch(self, notifications, center, onError ?? PersistenceWatch.log)
    }
}

/// Persists a store whenever the app goes to the background, until it is let go of.
public final class PersistenceWatch: Sendable {
    private let center: NotificationCenter
    // Only handed back to the center, which any thread may do.
    private nonisolated(unsafe) let tokens: [any NSObjectProtocol]

    // By name, because some SDKs tie the constants to the main actor.
    #if os(macOS)
    private static let goesToBackground = Notification.Name("NSApplicationDidResignActiveNotification")
    private static let ends = Notification.Name("NSApplicationWillTerminateNotification")
    #else
    private static let goesToBackground = Notification.Name("UIApplicationDidEnterBackgroundNotification")
    private static let ends = Notification.Name("UIApplicationWillTerminateNotification")
    #endif

    /// The system's notifications that the app goes to the background or ends.
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
                    // The app closed the store: that persisted it.
                } catch {
                    onError(error)
                }
            }
        }
        let renew: @Sendable (Notification) -> Void = { [weak store] _ in store?.renewTimeZone() }
        self.center = center
        tokens =
            notifications.map { center.addObserver(forName: $0, object: nil, queue: nil, using: persist) }
            + [center.addObserver(forName: .NSSystemTimeZoneDidChange, object: nil, queue: nil, using: renew)]
    }

    deinit {
        tokens.forEach(center.removeObserver)
    }

    /// Runs `work` before it returns when the app ends, or where it is not the main thread that would wait; otherwise soon.
    private static func run(on notification: Notification, _ work: @escaping @Sendable () -> Void) {
        guard notification.name != ends, Thread.isMainThread else { return work() }
        #if canImport(UIKit) && !os(watchOS)
        // The application comes with the notification: asking for the shared one is forbidden in extensions.
        if notification.name == goesToBackground, let application = notification.object as? UIApplication {
            return MainActor.assumeIsolated { BackgroundTask.run(work, application) }
        }
        #endif
        DispatchQueue.global(qos: .userInitiated).async(execute: work)
    }

    /// What happens to an error that nobody asked for.
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
/// Time that the system grants to an app that is in the background.
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
