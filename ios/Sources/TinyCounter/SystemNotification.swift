import Foundation

/// The notifications of the system that a watch needs. They are named by text, because some SDKs
/// isolate the constants to the main actor, and because an extension has no constants of UIKit.
enum SystemNotification {
    #if os(macOS)
    static let ends = Notification.Name("NSApplicationWillTerminateNotification")
    /// The app or the extension goes to the background, or ends.
    static let goes = [Notification.Name("NSApplicationDidResignActiveNotification"), ends]
    /// The app or the extension comes back.
    static let returns = [Notification.Name("NSApplicationDidBecomeActiveNotification")]
    /// The files can be read from now on.
    static let unlocks: [Notification.Name] = []
    /// The time zone, or what belongs to it, can be another one.
    static let zoneChanges = [Notification.Name.NSSystemTimeZoneDidChange]
    #elseif os(watchOS)
    /// The system does not tell an app that it ends.
    static let ends: Notification.Name? = nil
    /// The app goes to the background. The system posts it since watchOS 7.
    static let goes = [Notification.Name("WKApplicationDidEnterBackgroundNotification")]
    /// The app comes back.
    static let returns = [Notification.Name("WKApplicationWillEnterForegroundNotification")]
    /// The files can be read from now on.
    static let unlocks: [Notification.Name] = []
    /// The time zone, or what belongs to it, can be another one.
    static let zoneChanges = [Notification.Name.NSSystemTimeZoneDidChange, Notification.Name.NSCalendarDayChanged]
    #else
    static let ends = Notification.Name("UIApplicationWillTerminateNotification")
    /// The app or the extension goes to the background, or ends.
    static let goes = [
        Notification.Name("UIApplicationDidEnterBackgroundNotification"), ends,
        Notification.Name("NSExtensionHostDidEnterBackgroundNotification"),
    ]
    /// The app or the extension comes back.
    static let returns = [
        Notification.Name("UIApplicationWillEnterForegroundNotification"),
        Notification.Name("NSExtensionHostWillEnterForegroundNotification"),
    ]
    /// The files can be read from now on.
    static let unlocks = [Notification.Name("UIApplicationProtectedDataDidBecomeAvailable")]
    /// The time zone, or what belongs to it, can be another one.
    static let zoneChanges = [
        Notification.Name.NSSystemTimeZoneDidChange, Notification.Name("UIApplicationSignificantTimeChangeNotification"),
    ]
    #endif
    static let clockWasSet = Notification.Name("NSSystemClockDidChangeNotification")
}
