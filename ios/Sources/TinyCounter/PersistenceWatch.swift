import Foundation
internal import TinyCounterBindings

extension EventStore {
    /// Does for a store what the life of an app asks for, until the returned watch is released:
    ///
    /// - persists when the app goes to the background and when it ends;
    /// - renews the time zone when that of the device changed: on the system's notifications, and
    ///   when the app returns; and when the clock was set to a time that the table of the zone does
    ///   not cover;
    /// - opens a store that stayed closed because its files could not be read
    ///   (``WhenUnavailable/stayClosed``), and persists what could not be written: when the device
    ///   was unlocked, and when the app returns.
    ///
    /// Keep the returned watch as long as the store:
    ///
    /// ```swift
    /// let watch = store.persistInBackground()
    /// ```
    ///
    /// The work is done on a background thread. On iOS the system keeps the app or the extension
    /// running meanwhile: by a background task if a notification of the app is the reason,
    /// otherwise by `ProcessInfo.performExpiringActivity`. If the system grants no time, nothing is
    /// persisted then. On macOS sudden termination is disabled meanwhile. When the app ends, it
    /// persists before the notification returns.
    ///
    /// - Parameters:
    ///   - notifications: The notifications on which to persist. Default: those of the system.
    ///   - center: The center that posts them, and those about the zone, the clock and the return.
    ///   - onError: Called, on any thread, with the error of a persist or a reopening. It is a
    ///     warning in any case: see ``onWarning(_:)``. What was not saved stays dirty, and the next
    ///     persist saves it.
    /// - Returns: The watch. It holds the store weakly. Releasing it stops it; while the store
    ///   lives, that is a warning. ``PersistenceWatch/stop()`` stops it without one.
    public func persistInBackground(
        on notifications: [Notification.Name] = PersistenceWatch.appGoes,
        center: NotificationCenter = .default,
        onError: (@Sendable (EventError) -> Void)? = nil
    ) -> PersistenceWatch {
        PersistenceWatch(self, notifications, center, onError)
    }
}

/// Persists a store whenever the app goes to the background, until it is released: see
/// ``EventStore/persistInBackground(on:center:onError:)``.
public final class PersistenceWatch: Sendable {
    private let observation: Observation
    private let store: Weak

    /// The system's notifications for an app that goes to the background, for one that ends (not on
    /// watchOS), and, not on macOS and watchOS, for an extension whose app goes to the background.
    public static let appGoes = SystemNotification.goes

    init(
        _ store: EventStore,
        _ notifications: [Notification.Name],
        _ center: NotificationCenter,
        _ onError: (@Sendable (EventError) -> Void)?
    ) {
        self.store = Weak(store)
        let report: @Sendable (EventError, String) -> Void = { error, what in
            // The app closed the store, which persisted it.
            if case .closed = error { return }
            reportWarning(text: "\(what): \(error.reason)")
            onError?(error)
        }
        let persist: @Sendable (Notification) -> Void = { [weak store] notification in
            BackgroundWork.run(on: notification) { [weak store] in
                guard let store else { return }
                do throws(EventError) { try store.persist() } catch { report(error, "the store was not persisted") }
            }
        }
        let goOn: @Sendable (Notification) -> Void = { [weak store] notification in
            BackgroundWork.run(on: notification) { [weak store] in
                guard let store else { return }
                do throws(EventError) {
                    try store.continueAfterUnavailable()
                } catch {
                    report(error, "the store still cannot be used")
                }
            }
        }
        observation = Observation(center)
        observation.add(notifications, persist)
        observation.add(SystemNotification.unlocks + SystemNotification.returns, goOn)
        observation.add(SystemNotification.zoneChanges + SystemNotification.returns) { [weak store] _ in
            store?.renewTimeZoneIfChanged()
        }
        observation.add([SystemNotification.clockWasSet]) { [weak store] _ in store?.renewTimeZoneIfLeft() }
    }

    /// Stops the watch: from now on nothing persists the store but the app and a release of the
    /// store. Stopping it again does nothing.
    public func stop() {
        observation.end()
    }

    deinit {
        guard observation.end() else { return }
        let store = store
        // The owner of both can be releasing the store too, right after this.
        DispatchQueue.main.async {
            guard let store = store.value, store.isInUse else { return }
            reportWarning(
                text: "the watch of persistInBackground() was released, so the store is no longer persisted when the app "
                    + "goes to the background; keep the watch as long as the store, or call stop()")
        }
    }
}

/// A weak reference that is never changed.
private final class Weak: @unchecked Sendable {
    private(set) weak var value: EventStore?

    init(_ value: EventStore) {
        self.value = value
    }
}

/// The observers of a watch.
private final class Observation: Sendable {
    private let center: NotificationCenter
    private let tokens = Locked<Tokens?>(Tokens())

    /// Only passed back to the center, which is safe on any thread.
    private struct Tokens: @unchecked Sendable {
        var all: [any NSObjectProtocol] = []
    }

    init(_ center: NotificationCenter) {
        self.center = center
    }

    func add(_ names: [Notification.Name], _ call: @escaping @Sendable (Notification) -> Void) {
        let added = names.map { center.addObserver(forName: $0, object: nil, queue: nil, using: call) }
        tokens.with { $0?.all += added }
    }

    /// Returns whether it had not ended before.
    @discardableResult
    func end() -> Bool {
        let ended = tokens.with { tokens in
            defer { tokens = nil }
            return tokens
        }
        ended?.all.forEach(center.removeObserver)
        return ended != nil
    }
}
