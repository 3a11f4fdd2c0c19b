import Foundation

#if canImport(UIKit) && !os(watchOS)
import UIKit
#endif

/// Work that a notification asks for, while the system keeps the process running.
enum BackgroundWork {
    private static let reason = "TinyCounter.persist"

    /// Runs `work` before it returns if the app ends. Otherwise it runs `work` soon on a background
    /// thread.
    static func run(on notification: Notification, _ work: @escaping @Sendable () -> Void) {
        if notification.name == SystemNotification.ends { return work() }
        #if canImport(UIKit) && !os(watchOS)
        // The application is taken from the notification, because extensions have none, and must not
        // use `UIApplication.shared`.
        if Thread.isMainThread, let application = notification.object as? UIApplication {
            MainActor.assumeIsolated { BackgroundTask.run(work, named: reason, application) }
            return
        }
        #endif
        #if canImport(UIKit)
        ProcessInfo.processInfo.performExpiringActivity(withReason: reason) { isExpired in
            // It is called a second time if the time ends during the first call.
            if !isExpired { work() }
        }
        #elseif os(macOS)
        let activity = Activity(ProcessInfo.processInfo.beginActivity(options: .suddenTerminationDisabled, reason: reason))
        DispatchQueue.global(qos: .userInitiated).async {
            work()
            ProcessInfo.processInfo.endActivity(activity.token)
        }
        #else
        DispatchQueue.global(qos: .userInitiated).async(execute: work)
        #endif
    }
}

#if os(macOS)
/// Only passed back to the system, which is safe on any thread.
private struct Activity: @unchecked Sendable {
    let token: any NSObjectProtocol

    init(_ token: any NSObjectProtocol) {
        self.token = token
    }
}
#endif

#if canImport(UIKit) && !os(watchOS)
/// Runs work while the system grants the app time in the background.
@MainActor private final class BackgroundTask {
    private let application: UIApplication
    private var id = UIBackgroundTaskIdentifier.invalid

    static func run(_ work: @escaping @Sendable () -> Void, named name: String, _ application: UIApplication) {
        let task = BackgroundTask(application)
        task.id = application.beginBackgroundTask(withName: name) { task.end() }
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
